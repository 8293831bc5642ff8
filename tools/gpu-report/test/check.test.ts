import { expect, test } from 'vitest';
import { currentProblem, problemOf } from '../check.mjs';

const PARTS = {
  speed: {},
  rows: { a: { differ: 0 } },
  texts: { a: { differ: [] } },
  transformers: { a: { contexts: [{ widthsDiffer: 0, ours: { logits: 1e-2 }, theirs: { logits: 2e-2 } }] } },
  contract: { a: { broken: [] } },
  faults: { a: { outcome: 'kept' } },
  prefill: { a: { fast: { behind: { distance: 4e-3 } } }, b: {} },
};

const reportOf = (items: object = {}, engines = ['abc']) => ({
  engines,
  parts: Object.entries({ ...PARTS, ...items }).map(([part, found]) => ({ part, items: found })),
});

test('the report is the engine’s, or what it lacks is said', () => {
  expect(problemOf(reportOf(), 'abc')).toBeUndefined();
  expect(problemOf(undefined, 'abc')).toContain('no report');
  expect(problemOf(reportOf(), 'def')).toContain('other engine sources (abc) than these (def)');
  expect(problemOf(reportOf({}, ['abc', 'def']), 'abc')).toContain('(def)');
  const tried = reportOf().parts.map((part) => ({ ...part, quick: true }));
  expect(problemOf({ engines: ['abc'], parts: tried }, 'abc')).toContain('--quick');
  expect(problemOf({ ...reportOf(), parts: [] }, 'abc')).toContain('speed, rows, texts');
});

test.each([
  ['rows', { a: { differ: 1 } }],
  ['texts', { a: { differ: ['words/dev/1'] } }],
  ['real-pair', { a: { kind: 'answers', differ: ['gsm8k/1'] }, b: { kind: 'few bits' } }],
  ['contract', { a: { broken: [{ id: 'forward/exact' }] } }],
  ['faults', { a: { outcome: 'broken' } }],
  [
    'transformers',
    { a: { contexts: [{ widthsDiffer: 2, ours: { logits: 1e-2 }, theirs: { logits: 2e-2 } }] } },
  ],
  ['transformers', { a: { contexts: [{ widthsDiffer: 0 }] } }],
  [
    'transformers',
    { a: { contexts: [{ widthsDiffer: 0, ours: { logits: null }, theirs: { logits: 2e-2 } }] } },
  ],
  ['transformers', { a: { contexts: [{ widthsDiffer: 0, ours: { logits: 1e-2 }, theirs: {} }] } }],
  [
    'transformers',
    { a: { contexts: [{ widthsDiffer: 0, ours: { logits: 3e-2 }, theirs: { logits: 2e-2 } }] } },
  ],
  [
    'transformers',
    { a: { contexts: [{ widthsDiffer: 0, ours: { logits: 5e-2 }, theirs: { logits: 6e-2 } }] } },
  ],
  ['prefill', { a: { fast: { behind: { distance: 5e-2 } } } }],
  ['prefill', { a: { fast: { behind: { distance: null } } } }],
  ['sanitizer', { a: { outcome: 'errors' } }],
  ['sanitizer', { a: { outcome: 'explained' } }],
])('what %s found broken is named', (part, items) => {
  expect(problemOf(reportOf({ [part]: items }), 'abc')).toContain(`${part}: a`);
});

test('whether the report in the repository is of these sources is said in a line', () => {
  const problem = currentProblem();
  if (problem !== undefined) console.log(`gpu-report: ${problem}`);
});
