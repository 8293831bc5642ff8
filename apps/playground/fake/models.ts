import {
  checkedModel,
  JudgeDecodingError,
  type JudgeHead,
  type Model,
  type ModelInfo,
  rowOutputs,
  type SessionCore,
  type TokenId,
} from '@judge-decoding/core';
import type { OpenModels } from '../src/engine/models.ts';
import { ASSISTANT, END, fakeTokenizer } from './tokenizer.ts';

/** One line of the answer, in the target's words, the draft's, and with a mistake. */
interface Line {
  readonly target: string;
  readonly draft: string;
  /** The draft's own line ends wrong. */
  readonly wrong?: true;
}

const LINES: readonly Line[] = [
  { target: 'To begin, Mia has 12 pens.', draft: 'At first Mia has 12 pens.' },
  {
    target: 'Then she buys 5 pens for 3 €, so 12 + 5 = 17 pens.',
    draft: 'After that she buys 5 pens for 3 €, so 12 + 5 = 17 pens.',
  },
  {
    target: 'Leo takes 4 of them away, so 17 - 4 = 13 pens.',
    draft: 'Leo takes 4 of them away, so 17 - 4 = 12 pens.',
    wrong: true,
  },
  {
    target: 'The 👩‍👧 family is happy, and so the answer is 13.',
    draft: 'The 👩‍👧 family is glad, and so the answer is 13.',
  },
  { target: '#### 13', draft: '#### 13' },
];

const WORDS = [
  ...new Set([
    '\n',
    ' ',
    '.',
    ',',
    '+',
    '-',
    '=',
    '#',
    ...'0123456789',
    ...LINES.flatMap(({ target, draft }) => `${target} ${draft}`.match(/ ?\p{L}+/gu) ?? []),
    ...['Mia', ' Mia', ' has', ' pens', ' How', ' many'],
  ]),
];

export const tokenizer = fakeTokenizer(WORDS);
const lines = LINES.map(({ target, draft, wrong }) => ({
  target: tokenizer.encode(`${target}\n`),
  draft: tokenizer.encode(`${draft}\n`),
  wrong: wrong === true,
}));

const HIDDEN = 4;

/** What comes next, and whether what stands there is right: pure functions of the text. */
function read(text: readonly TokenId[], which: 'target' | 'draft'): { logits: Float32Array; right: number } {
  const logits = new Float32Array(tokenizer.size);
  for (let id = 0; id < logits.length; id++)
    logits[id] = (((id + 1) * 7919 + text.length * 104_729) % 997) / 997;
  const answer = text.slice(text.lastIndexOf(ASSISTANT) + 1);
  const newline = tokenizer.encode('\n')[0]!;
  const at = answer.filter((id) => id === newline).length;
  const begun = answer.slice(answer.lastIndexOf(newline) + 1);
  const line = lines[at];
  if (line === undefined) {
    logits[END] = 12;
    return { logits, right: 4 };
  }
  const fits = (phrase: readonly TokenId[]) => begun.every((id, index) => phrase[index] === id);
  const [own, other] = which === 'target' ? [line.target, line.draft] : [line.draft, line.target];
  const [first, second] = fits(own)
    ? [own, fits(other) ? other : undefined]
    : fits(other)
      ? [other, undefined]
      : [[], undefined];
  // a text that left the script goes on with a new line
  const next = first[begun.length] ?? newline;
  logits[next] = 9;
  const alternative = second?.[begun.length];
  if (alternative !== undefined && alternative !== next) logits[alternative] = 6;
  const wrong = line.wrong && fits(line.draft) && !fits(line.target);
  return { logits, right: wrong || first.length === 0 ? -4 : 4 };
}

/** Faults that tests ask for. */
export interface FakeFaults {
  /** The device is lost at this pass of the target. */
  readonly lostAt?: number;
  /** Milliseconds a pass takes. */
  readonly slow?: number;
  /** This pass of the target, and those after it, wait until the page says `go on` in the channel `held`. */
  readonly heldAt?: number;
}

function fakeModel(which: 'target' | 'draft', { lostAt, heldAt, slow = 0 }: FakeFaults): Model {
  const info: ModelInfo = {
    name: `fake ${which}`,
    architecture: 'fake',
    vocabSize: tokenizer.size,
    hiddenSize: HIDDEN,
    layers: 1,
    contextLength: 4096,
    endTokens: [END],
    specialTokens: tokenizer.specialTokens,
    dtype: 'fp32',
    device: 'wasm',
    prefillChunk: 512,
    exact: true,
    fingerprint: { architecture: 'fake', tokenizer: 'fake', weights: which },
  };
  let passes = 0;
  const goneOn = new Promise<void>((resolve) => {
    if (heldAt === undefined) return;
    const channel = new BroadcastChannel('held');
    channel.onmessage = () => {
      channel.close();
      resolve();
    };
  });
  const session = (): SessionCore => {
    const text: TokenId[] = [];
    return {
      async forward(tokens, request, length) {
        passes += 1;
        if (lostAt !== undefined && passes > lostAt)
          throw new JudgeDecodingError(
            'device',
            'The GPU was lost: it was destroyed. Open the models again.',
          );
        if (heldAt !== undefined && passes >= heldAt) await goneOn;
        if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
        text.length = length;
        const { outputs, add } = rowOutputs(tokens, request, info);
        for (const [row, token] of tokens.entries()) {
          text.push(token);
          const { logits, right } = read(text, which);
          const preNorm = new Float32Array(HIDDEN);
          preNorm[0] = right + ((text.length * 37) % 17) / 10 - 0.8;
          add(row, { logits, preNorm, postNorm: preNorm });
        }
        return outputs;
      },
    };
  };
  return checkedModel({ info, openSession: session });
}

export const head: JudgeHead = {
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: Float32Array.of(1, 0, 0, 0) }],
  bias: 0,
  threshold: 0.9,
  hiddenSize: HIDDEN,
  provenance: {
    model: 'fake target',
    fingerprint: { architecture: 'fake', tokenizer: 'fake', weights: 'target' },
    dtype: 'fp32',
    data: 'made up',
    metrics: {},
    calibration: [
      { threshold: 0.5, wrongStopped: 0.9, correctAdmitted: 0.99 },
      { threshold: 0.9, wrongStopped: 0.98, correctAdmitted: 0.95 },
    ],
  },
};

/** What is said of a GPU, which is not there. */
const MADE_UP_GPU = {
  adapter: { name: 'made-up adapter', software: true },
  placement: { chosen: 'wasm', milliseconds: { wasm: 1.42, webgpu: 283.4 } },
};

/** A device is lost once: the models that are opened after it are well. */
let wasLost = false;

/** Opens the made-up pair. The page's address says what shall go wrong: `?fault=lost:3`, `slow:20`, `held:5`, `missing`. */
export const openFakeModels: OpenModels = async ({ device, onProgress, signal }) => {
  const [fault, value] = (
    /[?&]fault=([\w:]+)/.exec((globalThis as { name?: string }).name ?? '')?.[1] ?? ''
  ).split(':');
  if (fault === 'missing')
    throw new JudgeDecodingError(
      'not-found',
      'Expected a model at models/none, got 404. Look at the address.',
    );
  for (let done = 0; done <= 4; done++) {
    onProgress({ what: 'target', done: done * 5e6, total: 2e7 });
    await new Promise((resolve) => setTimeout(resolve, fault === 'slow' ? 50 : 0));
    if (signal.aborted) throw new JudgeDecodingError('aborted', 'Opening was interrupted.');
  }
  const faults = {
    ...(fault === 'lost' && !wasLost ? { lostAt: Number(value) } : {}),
    ...(fault === 'slow' ? { slow: Number(value) } : {}),
    ...(fault === 'held' ? { heldAt: Number(value) } : {}),
  };
  wasLost ||= fault === 'lost';
  return {
    target: fakeModel('target', faults),
    draft: fakeModel('draft', {}),
    tokenizer,
    head,
    threads: 1,
    ...(device === 'webgpu' ? MADE_UP_GPU : {}),
    folders: { target: 'fake/target', draft: 'fake/draft', head: 'fake/head' },
  };
};
