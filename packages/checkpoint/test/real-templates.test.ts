import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileTemplate } from '../src/jinja/index.ts';

/*
 * Real templates are nobody's to copy: JUDGE_CHAT_TEMPLATES names a folder with templates.jsonl (each row a
 * `template` and what transformers makes of it, `expected`) and conversations.json.
 */
const folder = process.env.JUDGE_CHAT_TEMPLATES;
const isThere = folder !== undefined && existsSync(join(folder, 'templates.jsonl'));

type Expected = { readonly ok: string } | { readonly err: string };

test(isThere
  ? 'real templates'
  : 'real templates: none here, name a folder with JUDGE_CHAT_TEMPLATES', () => {
  if (!isThere) return;
  const conversations: Record<string, unknown> = JSON.parse(
    readFileSync(join(folder, 'conversations.json'), 'utf8'),
  );
  const rows: { name: string; template: string; expected: Record<string, Expected> }[] = readFileSync(
    join(folder, 'templates.jsonl'),
    'utf8',
  )
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  for (const { name, template, expected } of rows) {
    const compiled = compileTemplate(template);
    for (const [key, value] of Object.entries(expected)) {
      const variables = {
        messages: conversations[key.slice(0, -1)],
        add_generation_prompt: key.endsWith('+'),
        tools: null,
        documents: null,
        bos_token: '<s>',
        eos_token: '</s>',
        pad_token: '<pad>',
        unk_token: '<unk>',
      };
      const render = () => compiled.render(variables, { now: () => new Date(2026, 10, 8, 9, 5, 7) });
      if ('ok' in value) expect(render(), `${name} ${key}`).toBe(value.ok);
      else expect(render, `${name} ${key}`).toThrow(value.err.replace(/^\w+: /, ''));
    }
  }
}, 120_000);
