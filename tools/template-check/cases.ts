import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Python made of a template: text, an error, or a text with an address in it (another one each time). */
export type Expected = { readonly ok: string } | { readonly err: string } | { readonly address: true };

export interface Case {
  /** What the table adds up: a template's name, or a kind of features. */
  readonly group: string;
  readonly template: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly expected: Expected;
}

const TOKENS = { bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' };
const MESSAGES = [
  { role: 'user', content: ' Hi <b> ' },
  { role: 'assistant', content: 'yo' },
];

const variablesOf = (messages: unknown, generationPrompt: boolean) => ({
  messages,
  tools: null,
  documents: null,
  add_generation_prompt: generationPrompt,
  ...TOKENS,
});

interface FeatureRow {
  readonly kind?: string;
  readonly name?: string;
  readonly template: string;
  readonly expected: Expected;
}

/** A file of small templates, rendered with two messages. */
export async function featureCases(path: string): Promise<Case[]> {
  const rows: FeatureRow[] = JSON.parse(await readFile(path, 'utf8'));
  return rows.map(({ kind, name, template, expected }) => ({
    group: kind ?? name ?? 'features',
    template,
    variables: variablesOf(MESSAGES, true),
    expected,
  }));
}

interface TemplateRow {
  readonly name: string;
  readonly template: string;
  readonly expected: Readonly<Record<string, Expected>>;
}

/** A folder with templates.jsonl and conversations.json: every template with every conversation. */
export async function templateCases(folder: string): Promise<Case[]> {
  const conversations: Record<string, unknown> = JSON.parse(
    await readFile(join(folder, 'conversations.json'), 'utf8'),
  );
  const lines = (await readFile(join(folder, 'templates.jsonl'), 'utf8')).split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const { name, template, expected }: TemplateRow = JSON.parse(line);
    return Object.entries(expected).map(([key, value]) => ({
      group: name,
      template,
      variables: variablesOf(conversations[key.slice(0, -1)], key.endsWith('+')),
      expected: value,
    }));
  });
}
