import {
  CUDA_DTYPES,
  divides,
  ENGINE_FIGURES,
  type EngineShape,
  engineShape,
  type GpuKind,
  gigabytes,
  gpuKind,
  type HeldAs,
  MOST_DRAFTED,
  MOST_RANKS,
  NAMED_SHAPES,
  type Placement,
  type Plan,
  parseSynthetic,
  planPair,
  refuseUnknown,
} from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { type Acceptance, expectedAccepted, JudgeDecodingError, sayAcceptance } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { acceptanceOf } from '../measure/acceptance.ts';
import { badFlag } from '../options/flag-value.ts';
import type { RunFlags } from '../options/run-flags.ts';
import { modelFolder } from '../pair/model-folder.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { type Column, table } from '../render/table.ts';
import { wrap } from '../render/wrap.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface PlanFlags {
  readonly target?: string;
  readonly draft?: string;
  readonly dtype: string;
  readonly draftDtype: string;
  readonly gpu: string;
  readonly gpus?: number;
  readonly bandwidth?: number;
  readonly memory?: number;
  readonly link?: number;
  readonly context?: number;
  readonly draftLength?: number;
  readonly syntheticAcceptance?: RunFlags['syntheticAcceptance'];
  readonly json?: boolean;
  readonly color: boolean;
}

interface Named {
  readonly name: string;
  readonly shape: EngineShape;
}

const DRAFT = 'llama-3.1-8b:int4';
const CONTEXT = 512;
/** Longest context behind which passes were timed (docs/gpu). */
const MEASURED_TO = 32_000;
const COUNTS = [1, 2, 4, 8] as const;
/** The paper's rounds: 20 of 25 committed. */
const PAPER_LENGTH = 25;
const PAPER_ACCEPTED = 19;

/** The rate at which so many of a round's tokens are accepted on average. */
function rateFor(accepted: number, draftLength: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const rate = (low + high) / 2;
    if (expectedAccepted({ kind: 'rate', rate }, draftLength) < accepted) low = rate;
    else high = rate;
  }
  return high;
}

export async function planCommand(flags: PlanFlags, { terminal }: World): Promise<number> {
  const { out, env } = terminal;
  const paint = paintFor(out, env, flags);
  const columns = widthOf(out);
  const acceptance =
    (await acceptanceOf(flags.syntheticAcceptance)) ??
    ({ kind: 'rate', rate: rateFor(PAPER_ACCEPTED, PAPER_LENGTH) } satisfies Acceptance);
  const said =
    flags.syntheticAcceptance === undefined
      ? `${PAPER_ACCEPTED} of ${PAPER_LENGTH} drafted tokens accepted`
      : sayAcceptance(acceptance);
  refuseMore('--gpus', flags.gpus, MOST_RANKS);
  refuseMore('--draft-length', flags.draftLength, MOST_DRAFTED);
  const gpu = gpuKind(flags.gpu, flags);
  const pairs =
    flags.target === undefined && flags.draft === undefined
      ? [
          await pairOf({ ...flags, target: 'llama-3.1-70b' }, env),
          await pairOf({ ...flags, target: 'llama-3.1-405b' }, env),
        ]
      : [await pairOf({ ...flags, target: flags.target ?? 'llama-3.1-70b' }, env)];
  const counts = flags.gpus === undefined ? COUNTS : [flags.gpus];
  const models = pairs.flatMap(({ target, draft }) => [target, draft]);
  const context = flags.context ?? Math.min(CONTEXT, ...models.map(({ shape }) => shape.context));
  refuseTooLong(context, models);
  const planned = pairs.map(({ target, draft }) => ({
    target,
    draft,
    plans: counts.map((gpus) =>
      planPair(
        {
          target: target.shape,
          draft: draft.shape,
          gpu,
          gpus,
          context,
          acceptance,
          draftLength: flags.draftLength,
        },
        ENGINE_FIGURES,
      ),
    ),
  }));
  const paper = flags.target === undefined && flags.draft === undefined ? paperRows() : [];
  if (flags.json) {
    const rows = planned.map(({ target, draft, plans }) => ({
      target: target.name,
      draft: draft.name,
      plans,
    }));
    const said = { gpu, context, acceptance, figures: ENGINE_FIGURES.source, pairs: rows, paper };
    out.write(`${JSON.stringify(said, null, 2)}\n`);
    return EXIT.ok;
  }
  const line = (text = '') => out.write(`${text}\n`);
  const paragraph = (text: string) => wrap(text, columns).forEach(line);
  for (const { target, draft, plans } of planned) {
    paragraph(paint.bold(`${target.name}, drafted by ${draft.name}, on ${gpu.name}`));
    for (const row of planTable(plans, paint, columns)) line(row);
    paragraph(verdict(target, plans));
    if (target.shape.tokens !== draft.shape.tokens) paragraph(otherTokens(target, draft));
    line();
  }
  if (paper.length > 0) {
    paragraph(paint.bold('The paper’s pairs, on its GPUs, by this engine'));
    for (const row of paperTable(paper, paint, columns)) line(row);
    line();
  }
  paragraph(
    paint.dim(
      `Predicted, not run: ${said} (assumed), ${context} tokens of context${context > MEASURED_TO ? ` (measured to ${MEASURED_TO})` : ''}, ${memorySaid(gpu)}; figures from ${ENGINE_FIGURES.source}. Measurements stand beside predictions in docs/gpu.`,
    ),
  );
  return EXIT.ok;
}

/** Of what the engine takes, or was measured with. */
function refuseMore(flag: string, given: number | undefined, most: number): void {
  if (given !== undefined && given > most) throw badFlag(flag, `at most ${most}`, String(given));
}

function refuseTooLong(context: number, models: readonly Named[]): void {
  const short = models.find(({ shape }) => context > shape.context);
  if (short === undefined) return;
  throw badFlag(
    '--context',
    `at most ${short.shape.context}, as long as ${short.name} can be`,
    String(context),
  );
}

const memorySaid = ({ bandwidth, link }: GpuKind): string =>
  `${(bandwidth / 1e12).toFixed(2)} TB/s a GPU${link === undefined ? ', no link between GPUs' : `, ${Math.round(link / 1e9)} GB/s between two`}`;

async function pairOf(
  { target, draft = DRAFT, dtype, draftDtype }: PlanFlags,
  env: World['terminal']['env'],
): Promise<{ readonly target: Named; readonly draft: Named }> {
  return {
    target: await named(target!, dtype, '--target', env),
    draft: await named(draft, draftDtype, '--draft', env),
  };
}

/** A shape by its name, or a model's own. */
async function named(
  model: string,
  dtype: string,
  flag: '--target' | '--draft',
  env: World['terminal']['env'],
): Promise<Named> {
  const known = CUDA_DTYPES.filter((name) => name !== 'auto');
  const name = model.replace(/^synthetic:/, '');
  if (name.startsWith('random:') || NAMED_SHAPES.includes(name.split(':')[0]!)) {
    const { config, dtype: own } = parseSynthetic(name);
    const heldAs = held(own === 'auto' ? dtype : own);
    const shape = engineShape(config, { heldAs, context: config.contextLength });
    return { name: `${name.split(':')[0] === 'random' ? name : name.split(':')[0]} ${heldAs}`, shape };
  }
  const checkpoint = await openCheckpoint(folderOf(model, flag, env));
  await checkpoint.dispose();
  refuseUnknown(checkpoint.config);
  const heldAs = held(dtype);
  const shape = engineShape(checkpoint.config, { heldAs, context: checkpoint.config.contextLength });
  return { name: `${checkpoint.name} ${heldAs}`, shape };

  function held(text: string): HeldAs {
    const found = known.find((each) => each === text);
    if (found === undefined)
      throw badFlag(flag === '--target' ? '--dtype' : '--draft-dtype', `one of ${known.join(', ')}`, text);
    return found as HeldAs;
  }
}

/** A name that is neither a path nor a shape's: which shapes there are is the likelier question. */
function folderOf(model: string, flag: '--target' | '--draft', env: World['terminal']['env']): string {
  try {
    return modelFolder(model, flag, env);
  } catch (error) {
    if (!JudgeDecodingError.is(error, 'not-found') || /[/\\]|\.gguf$/i.test(model)) throw error;
    throw new JudgeDecodingError(
      'not-found',
      `${error.message} Shapes known by name: ${NAMED_SHAPES.join(', ')}, each with a type as in ${DRAFT}.`,
    );
  }
}

const PLACES: Readonly<Record<Placement, string>> = {
  all: 'all of them',
  one: 'one of them',
  own: 'one more',
};

const PLAN_COLUMNS: readonly Column[] = [
  { title: 'GPUs', align: 'right' },
  { title: 'GB a GPU', align: 'right' },
  { title: 'plain ms', align: 'right' },
  { title: 'plain tokens/s', align: 'right' },
  { title: 'draft on', align: 'left' },
  { title: 'drafted', align: 'right' },
  { title: 'committed', align: 'right' },
  { title: 'round ms', align: 'right' },
  { title: 'tokens/s', align: 'right' },
  { title: 'x plain', align: 'right' },
];

function planTable(plans: readonly Plan[], paint: Paint, columns: number): readonly string[] {
  const rows = plans.flatMap(({ gpus, bytes, cannot, plain, rounds }) => {
    const held = bytes === 0 ? '' : (bytes / 1e9).toFixed(1);
    if (cannot !== undefined) return [[String(gpus), held, '', '', cannot]];
    const own = [String(gpus), held, plain.milliseconds.toFixed(2), plain.tokensPerSecond.toFixed(0)];
    if (rounds.length === 0) return [[...own, 'no room for the draft']];
    return rounds.map((round, index) => [
      ...(index === 0 ? own : ['', '', '', '']),
      gpus === 1 && round.placement === 'one' ? 'the same' : PLACES[round.placement],
      String(round.draftLength),
      round.committed.toFixed(1),
      round.milliseconds.toFixed(2),
      round.tokensPerSecond.toFixed(0),
      round.timesPlain.toFixed(2),
    ]);
  });
  return table(PLAN_COLUMNS, rows, paint, columns);
}

function verdict({ name, shape }: Named, plans: readonly Plan[]): string {
  const able = plans.filter(({ rounds }) => rounds.length > 0);
  const best = able.reduce<Plan | undefined>(
    (a, b) => (a === undefined || b.rounds[0]!.tokensPerSecond > a.rounds[0]!.tokensPerSecond ? b : a),
    undefined,
  );
  if (best === undefined) {
    const shared = plans.filter(({ bytes }) => bytes > 0).at(-1);
    if (shared === undefined) {
      const would = Array.from({ length: MOST_RANKS }, (_, index) => index + 1).filter((count) =>
        divides(shape, count),
      );
      return `${name} has ${shape.heads} heads, ${shape.kvHeads} key-value heads and ${shape.feedForward} feed-forward columns, which ${plans.at(-1)!.gpus} GPUs cannot share alike. ${would.join(', ').replace(/, (\d)$/, ' or $1')} can: name one with --gpus.`;
    }
    return `It fits none of these: over ${shared.gpus} it takes ${gigabytes(shared.bytes)} a GPU. Use fewer bits (--dtype int8, int4), more GPUs or larger ones.`;
  }
  const [round] = best.rounds;
  const plainest = plans
    .filter(({ cannot }) => cannot === undefined)
    .reduce((a, b) => (b.plain.tokensPerSecond > a.plain.tokensPerSecond ? b : a));
  if (plainest.plain.tokensPerSecond >= round!.tokensPerSecond)
    return `Drafting does not pay with this draft: plain decoding is the fastest, ${plainest.plain.tokensPerSecond.toFixed(0)} tokens/s with ${gpusSaid(plainest.gpus)}. Name a smaller draft with --draft.`;
  const where =
    round!.placement === 'one'
      ? `the draft on ${best.gpus === 1 ? 'the same one' : 'one of them'}`
      : round!.placement === 'all'
        ? 'the draft over all of them'
        : 'the draft on a GPU of its own';
  return `Best with ${gpusSaid(best.gpus)}: ${round!.draftLength} drafted ${round!.draftLength === 1 ? 'token' : 'tokens'}, ${where}, ${round!.tokensPerSecond.toFixed(0)} tokens/s.`;
}

const otherTokens = (target: Named, draft: Named): string =>
  `A draft must have its target’s tokenizer; these have ${draft.shape.tokens} and ${target.shape.tokens} tokens, so this is what their sizes would do. Name a draft of the target’s family with --draft.`;

const gpusSaid = (count: number): string => `${count} ${count === 1 ? 'GPU' : 'GPUs'}`;

/** A pair of the paper: what it measured (gpt-fast, 8 bits), and what is predicted of this engine there and on H200. */
export interface PaperRow {
  readonly pair: string;
  readonly gpus: number;
  readonly measured: number;
  readonly h100: number | undefined;
  readonly h200: number | undefined;
}

const PAPER = [
  { target: 'llama-3.1-70b', gpus: 2, measured: 141 },
  { target: 'llama-3.1-405b', gpus: 8, measured: 129 },
] as const;

function paperRows(): readonly PaperRow[] {
  const shape = (name: string, heldAs: HeldAs) => {
    const { config } = parseSynthetic(name);
    return engineShape(config, { heldAs, context: config.contextLength });
  };
  return PAPER.map(({ target, gpus, measured }) => {
    const on = (kind: string) =>
      planPair(
        {
          target: shape(target, 'int8'),
          draft: shape('llama-3.1-8b', 'int4'),
          gpu: gpuKind(kind),
          gpus,
          context: CONTEXT,
          acceptance: { kind: 'length', length: PAPER_ACCEPTED },
          draftLength: PAPER_LENGTH,
        },
        ENGINE_FIGURES,
      ).rounds[0]?.tokensPerSecond;
    return {
      pair: `8b int4 / ${target.replace('llama-3.1-', '')} int8`,
      gpus,
      measured,
      h100: on('h100'),
      h200: on('h200'),
    };
  });
}

function paperTable(rows: readonly PaperRow[], paint: Paint, columns: number): readonly string[] {
  const rate = (value: number | undefined) => (value === undefined ? 'does not fit' : value.toFixed(0));
  return table(
    [
      { title: 'pair', align: 'left' },
      { title: 'GPUs', align: 'right' },
      { title: 'paper, H100', align: 'right' },
      { title: 'here, H100', align: 'right' },
      { title: 'here, H200', align: 'right' },
    ],
    rows.map(({ pair, gpus, measured, h100, h200 }) => [
      pair,
      String(gpus),
      `${measured} tokens/s`,
      rate(h100),
      rate(h200),
    ]),
    paint,
    columns,
  );
}
