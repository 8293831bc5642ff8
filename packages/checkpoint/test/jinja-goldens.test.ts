import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileTemplate, NotSupported, PythonError } from '../src/jinja/index.ts';

/** Made by tools/template-check/make_goldens.py: what transformers renders, or what Python says. */
interface Golden {
  readonly kind: string;
  readonly template: string;
  readonly expected: { readonly ok?: string; readonly err?: string; readonly address?: true };
}

const file = new URL('fixtures/chat-templates/features.json', import.meta.url);
const goldens: readonly Golden[] = JSON.parse(readFileSync(file, 'utf8'));
const kinds = [...new Set(goldens.map(({ kind }) => kind))];

const VARIABLES = {
  messages: [
    { role: 'user', content: ' Hi <b> ' },
    { role: 'assistant', content: 'yo' },
  ],
  tools: null,
  documents: null,
  add_generation_prompt: true,
  bos_token: '<s>',
  eos_token: '</s>',
  pad_token: '<pad>',
  unk_token: '<unk>',
};
const now = () => new Date(2026, 10, 8, 9, 5, 7);

type Got = { readonly ok: string } | { readonly err: PythonError } | { readonly refused: NotSupported };

function render(template: string): Got {
  try {
    return { ok: compileTemplate(template).render(VARIABLES, { now }) };
  } catch (error) {
    if (error instanceof PythonError) return { err: error };
    if (error instanceof NotSupported) return { refused: error };
    throw error;
  }
}

describe.each(kinds)('%s', (kind) => {
  const cases = goldens
    .filter((golden) => golden.kind === kind)
    .map((golden) => ({ ...golden, got: render(golden.template) }));

  test('nothing renders otherwise than in Python', () => {
    const different = cases.filter(({ got, expected }) => 'ok' in got && got.ok !== expected.ok);
    expect(different).toEqual([]);
  });

  test('what Python renders is rendered, or refused by the name of what it uses', () => {
    const refused = cases.filter(({ got, expected }) => expected.ok !== undefined && !('ok' in got));
    expect(refused.filter(({ got }) => !('refused' in got && got.refused.feature !== ''))).toEqual([]);
  });
});

test('at most one in a hundred of what Python renders is refused', () => {
  const rendered = goldens.filter(({ expected }) => expected.ok !== undefined);
  const refused = rendered.filter(({ template }) => !('ok' in render(template)));
  expect(refused.length).toBeLessThan(rendered.length / 100);
});

test('what Python says of values, it says word for word', () => {
  const message = (golden: Golden) => {
    const got = render(golden.template);
    return 'err' in got ? `${got.err.kind}: ${got.err.message.replace(/ \(line \d+\)$/, '')}` : '';
  };
  const values = goldens.filter(({ kind, expected }) => kind === 'operators' && expected.err !== undefined);
  expect(values.filter((golden) => message(golden) !== golden.expected.err)).toEqual([]);
  const raised = goldens.filter(({ expected }) => expected.err?.startsWith('UndefinedError') === true);
  expect(raised.length).toBeGreaterThan(50);
  const otherwise = raised.filter((golden) => message(golden) !== golden.expected.err);
  // filters that are refused before they look at the value
  expect(otherwise.filter(({ template }) => !template.includes('wordwrap'))).toEqual([]);
});
