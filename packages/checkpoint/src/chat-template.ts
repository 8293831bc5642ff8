import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { ChatMessage } from './tokenizer.ts';

export interface ChatTemplate {
  render(messages: readonly ChatMessage[], generationPrompt: boolean): string;
}

export interface ChatTemplateOptions {
  /** Special tokens by the names templates use: bos_token, eos_token …. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What `strftime_now` reads. */
  readonly now: () => Date;
}

/** More than a template has use for; a loop over more would hang or fill the memory. */
const MAX_RANGE = 100_000;

/**
 * Parses a chat template and renders it as transformers does: blocks trimmed, `tools` and
 * `documents` there but null, month and day names in English whatever the machine's language.
 */
export function parseChatTemplate(
  path: string,
  source: string,
  { tokens, now }: ChatTemplateOptions,
): ChatTemplate {
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-file',
      `The chat template in \`${path}\` cannot be parsed (${(cause as Error).message}).`,
      { cause },
    );
  }
  return {
    render(messages, generationPrompt) {
      try {
        const variables = {
          ...GLOBALS,
          ...tokens,
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: generationPrompt,
          tools: null,
          documents: null,
          strftime_now: (format: string) => strftime(now(), format),
        };
        // not `template.render`: it has a clock, a language and an unbounded `range` of its own
        const environment = new Environment();
        for (const [name, value] of Object.entries(variables)) environment.set(name, value);
        return String(new Interpreter(environment).run(template.parsed).value);
      } catch (cause) {
        throw new JudgeDecodingError(
          'invalid-input',
          `The chat template in \`${path}\` refused these messages: ${(cause as Error).message}. Expected the roles and the order it knows.`,
          { cause },
        );
      }
    },
  };
}

function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= MAX_RANGE)) throw new Error(`range() of ${count} numbers is more than ${MAX_RANGE}`);
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/** What every template can name. */
const GLOBALS = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range: boundedRange,
  raise_exception(message: unknown): never {
    throw new Error(String(message));
  },
};

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** The directives of C's strftime that chat templates use, in local time. */
function strftime(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const month = MONTHS[date.getMonth()]!;
  const day = DAYS[date.getDay()]!;
  const written: Readonly<Record<string, string>> = {
    '%Y': String(date.getFullYear()),
    '%y': two(date.getFullYear() % 100),
    '%m': two(date.getMonth() + 1),
    '%B': month,
    '%b': month.slice(0, 3),
    '%d': two(date.getDate()),
    '%e': String(date.getDate()).padStart(2),
    '%A': day,
    '%a': day.slice(0, 3),
    '%H': two(date.getHours()),
    '%M': two(date.getMinutes()),
    '%S': two(date.getSeconds()),
    '%%': '%',
  };
  return format.replace(/%./g, (directive) => written[directive] ?? directive);
}
