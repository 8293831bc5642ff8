import { JudgeDecodingError } from '@judge-decoding/core';
import { compileTemplate, type JinjaTemplate, NotSupported, TemplateLimit } from './jinja/index.ts';
import type { ChatMessage } from './tokenizer.ts';

export interface ChatTemplate {
  /** The text that transformers would render. Refuses what Python refuses, in its words. */
  render(messages: readonly ChatMessage[], generationPrompt: boolean): string;
}

export interface ChatTemplateOptions {
  /** Special tokens by the names templates use: bos_token, eos_token …. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What `strftime_now` reads. */
  readonly now: () => Date;
}

/**
 * A chat template as transformers takes it, `tools` and `documents` there but null. One that cannot
 * be read is refused when it is first asked for a text: the model runs without it all the same.
 */
export function parseChatTemplate(
  path: string,
  source: string,
  { tokens, now }: ChatTemplateOptions,
): ChatTemplate {
  let template: JinjaTemplate | undefined;
  return {
    render(messages, generationPrompt) {
      try {
        template ??= compileTemplate(source);
      } catch (cause) {
        throw refusal(path, cause, 'cannot be read', 'invalid-file');
      }
      const variables = {
        ...tokens,
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: generationPrompt,
        tools: null,
        documents: null,
      };
      try {
        return template.render(variables, { now });
      } catch (cause) {
        throw refusal(path, cause, 'refused these messages', 'invalid-input');
      }
    },
  };
}

/** One sentence: what Python says, or what only Python can do. */
function refusal(path: string, cause: unknown, what: string, code: 'invalid-file' | 'invalid-input') {
  if (cause instanceof NotSupported) {
    return new JudgeDecodingError(
      'unsupported',
      `The chat template in \`${path}\` uses ${cause.feature}, which is not supported. Use another template, or \`--raw\` with the text written out.`,
      { cause },
    );
  }
  if (cause instanceof TemplateLimit) {
    return new JudgeDecodingError(
      'unsupported',
      `The chat template in \`${path}\` was stopped: ${cause.message}. Use another template, or a shorter conversation.`,
      { cause },
    );
  }
  const advice = code === 'invalid-input' ? ' Expected the roles and the order it knows.' : '';
  return new JudgeDecodingError(
    code,
    `The chat template in \`${path}\` ${what}: ${messageOf(cause)}.${advice}`,
    { cause },
  );
}

/** Too deep a nesting ends in an error of JavaScript's own, which names no template. */
const messageOf = (cause: unknown): string =>
  cause instanceof RangeError ? 'it nests too deeply' : (cause as Error).message.replace(/\.$/, '');
