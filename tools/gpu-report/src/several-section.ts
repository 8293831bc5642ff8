import { table } from './markdown.ts';
import { limitOf } from './numbers.ts';
import { off, predicted, predictedRound } from './predicted.ts';
import type { SumsResult } from './several.ts';
import type { AbortsResult, AgreementResult, MuteResult, TextsOverResult } from './several-checks.ts';
import type { RoundPair, RoundResult, SpeedResult } from './speed.ts';

type Items = readonly (readonly [string, unknown])[];

const ms = (value: number): string => value.toFixed(value < 10 ? 3 : 2);
/** Items of the part whose names begin so. */
const named = <Result>(items: Items, start: string): readonly Result[] =>
  items.filter(([name]) => name.startsWith(start)).map(([, item]) => item as Result);

/** What `several` found, in words and tables; beside times stands what the planner says of an H200. */
export function severalSection(items: Items): string {
  const speeds = items.filter(([, item]) => Array.isArray((item as SpeedResult).passes));
  return [
    'A device such as cuda:0,1 is a GPU a rank; cuda:0,0 are two ranks that share one GPU, which proves the same code and times nothing.',
    agreements(named(items, 'agreement')),
    sums(named(items, 'sums')),
    passes(speeds.map(([name, item]) => [name.split(' ').at(-1)!, item as SpeedResult] as const)),
    rounds(named(items, 'round')),
    faults(named(items, 'mute'), named(items, 'aborts')),
    texts(named(items, 'texts')),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function agreements(results: readonly AgreementResult[]): string {
  if (results.length === 0) return '';
  return table(
    [
      'device',
      'dtype',
      'logits off one rank’s, most / mean (deviations)',
      'other argmax',
      'rows compared, differ',
      'same on all ranks',
    ],
    results.map((result) => [
      result.device,
      result.dtype,
      `${result.most.toFixed(3)} / ${result.mean.toFixed(4)}`,
      `${result.otherArgmax} of ${result.rows}`,
      `${result.compared}, ${result.differ}`,
      result.sameOnAllRanks ? 'yes' : 'NO',
    ]),
  );
}

function sums(results: readonly SumsResult[]): string {
  const rows = results.flatMap(({ sums: list }) => list);
  if (rows.length === 0) return '';
  return table(
    ['ranks', 'rows', 'hidden', 'KB a rank', 'us with residual and norm', 'of one rank'],
    rows.map(({ ranks, rows: count, hidden, over, alone }) => [
      String(ranks),
      String(count),
      String(hidden),
      String((2 * count * hidden) / 1024),
      over.toFixed(2),
      alone.toFixed(2),
    ]),
  );
}

function passes(results: readonly (readonly [device: string, SpeedResult])[]): string {
  if (results.length === 0) return '';
  const rows = results.flatMap(([device, { model, dtype, passes: list, copyBandwidth }]) => {
    const said = predicted(model, dtype, device);
    return list
      .filter(({ outputs }) => outputs === 'argmax')
      .map(({ context, width, milliseconds, limitMilliseconds }) => [
        model,
        device,
        String(width),
        ms(milliseconds),
        ms(limitOf(limitMilliseconds, copyBandwidth)),
        ms(said.pass(width, context)),
        off(said.pass(width, context), milliseconds),
      ]);
  });
  const held = results.map(([device, { model, dtype, weightBytes, draftTokenMilliseconds }]) => {
    const said = predicted(model, dtype, device);
    return [
      model,
      device,
      (weightBytes / 1e9).toFixed(2),
      (said.bytes / 1e9).toFixed(2),
      ms(draftTokenMilliseconds),
      ms(said.draftToken),
    ];
  });
  return [
    table(['model', 'device', 'rows', 'ms', 'limit', 'planner', 'off'], rows),
    table(['model', 'device', 'GB a GPU', 'planner', 'drafted token ms', 'planner'], held),
  ].join('\n\n');
}

function rounds(results: readonly (RoundPair & RoundResult)[]): string {
  if (results.length === 0) return '';
  return `Judged rounds, **${results[0]!.acceptedAssumed} of ${results[0]!.draftLength} accepted, which is assumed**:\n\n${table(
    [
      'target',
      'on',
      'draft',
      'on',
      'draft ms',
      'verify ms',
      'round ms',
      'tokens/s',
      'plain',
      'planner',
      'off',
    ],
    results.map((round) => [
      round.target,
      round.targetDevice,
      round.draft,
      round.draftDevice,
      ms(round.draftMilliseconds),
      ms(round.verifyMilliseconds),
      ms(round.milliseconds),
      round.tokensPerSecond.toFixed(0),
      round.plainTokensPerSecond.toFixed(1),
      predictedRound(round).toFixed(0),
      off(predictedRound(round), round.tokensPerSecond),
    ]),
  )}`;
}

function faults(mutes: readonly MuteResult[], aborts: readonly AbortsResult[]): string {
  return [
    ...mutes.map(
      ({ device, patience, milliseconds, said }) =>
        `- a rank of ${device} falls silent (patience ${patience} ms): after ${milliseconds.toFixed(0)} ms: ${said}`,
    ),
    ...[...new Set(aborts.map(({ device }) => device))].map((on) =>
      abortsLine(aborts.filter(({ device }) => device === on)),
    ),
  ].join('\n');
}

function abortsLine(aborts: readonly AbortsResult[]): string {
  const sum = (of: (result: AbortsResult) => number) => aborts.reduce((total, one) => total + of(one), 0);
  const [first, last] = [aborts[0]!, aborts.at(-1)!];
  const bits = aborts.every(({ sameBits }) => sameBits)
    ? 'the same bits before and after'
    : 'OTHER BITS after';
  const grown = (last.memoryAfter - first.memoryBefore) / 1e6;
  const memory = `memory ${grown.toFixed(1)} MB more`;
  return `- ${sum((one) => one.generations)} generations over ${first.device} in ${sum((one) => one.seconds).toFixed(0)} s, ${sum((one) => one.givenUp)} given up at random moments: ${bits}, ${memory}`;
}

function texts(results: readonly (TextsOverResult | { readonly why: string })[]): string {
  const [first] = results;
  if (first === undefined) return '';
  if ('why' in first) return `Texts of the pocket pair were not compared: ${first.why}`;
  const all = results as readonly TextsOverResult[];
  const sum = (of: (result: TextsOverResult) => number) => all.reduce((total, one) => total + of(one), 0);
  const differ = all.flatMap((one) => one.differ);
  const gaps = differ.map(({ gap }) => gap.toFixed(4)).join(', ');
  return `Texts of the pocket pair’s target in ${first.dtype}, ${first.device} against one GPU: ${sum((one) => one.texts)} texts, ${sum((one) => one.tokens)} tokens; ${differ.length} differ, of which ${differ.length - sum((one) => one.unexcused)} at a near tie${differ.length === 0 ? '' : ` (gaps ${gaps} deviations)`}.`;
}
