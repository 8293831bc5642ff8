import { join } from 'node:path';
import { writeAtomically } from '@judge-decoding/long-work';
import type { ContractResult } from './contract.ts';
import type { Environment } from './environment.ts';
import type { FaultResult } from './faults.ts';
import { table } from './markdown.ts';
import { limitOf } from './numbers.ts';
import type { OpenResult } from './open.ts';
import { headsSection, textsSection } from './pair-sections.ts';
import { off, predicted } from './predicted.ts';
import { prefillSection } from './prefill-section.ts';
import { profileSection } from './profile-section.ts';
import { realPairSection } from './real-pair-section.ts';
import { replaySection } from './replay-section.ts';
import type { RowsResult } from './rows.ts';
import type { SanitizerResult } from './sanitizer.ts';
import type { SessionsResult } from './sessions.ts';
import { severalSection } from './several-section.ts';
import type { RoundResult, SpeedResult } from './speed.ts';
import { type PartFile, readPart } from './store.ts';
import type { StoryResult } from './stories.ts';
import type { TransformersResult } from './transformers.ts';

/** In the order of the report. */
export const PARTS = [
  ...([
    'speed',
    'prefill',
    'sessions',
    'open',
    'rows',
    'texts',
    'heads',
    'replay',
    'real-pair',
    'stories',
  ] as const),
  ...(['transformers', 'contract', 'sanitizer', 'faults', 'several', 'profile'] as const),
] as const;

/** Puts the parts that are there into report.json and report.md; tells in a line what they say. */
export async function merge(folder: string): Promise<string> {
  const parts: PartFile[] = [];
  for (const name of PARTS) {
    const part = await readPart(folder, name);
    if (part !== undefined) parts.push(part);
  }
  const engines = [...new Set(parts.map(({ engine }) => engine))];
  await writeAtomically(join(folder, 'report.json'), `${JSON.stringify({ engines, parts }, null, 1)}\n`);
  await writeAtomically(join(folder, 'report.md'), markdown(parts));
  const mixed = engines.length > 1 ? ` (of different engines: ${engines.join(', ')})` : '';
  return `${join(folder, 'report.md')}: ${parts.map(({ part, items }) => `${part} ${Object.keys(items).length}`).join(', ')}${mixed}`;
}

export function markdown(parts: readonly PartFile[]): string {
  const sections = parts.map((part) => {
    const environment = part.environment as Environment;
    const where = [
      `${environment.gpu} (compute ${environment.compute}, ${environment.memoryGigabytes} GB), driver ${environment.driver || environment.cudaOfDriver}`,
      `clocks ${environment.clocks || 'unknown'}; ${environment.processor}; Node ${environment.node}`,
      `commit ${environment.commit}, engine sources ${part.engine}, library ${environment.build}, ${environment.at}`,
    ].join('  \n');
    return `## ${part.part}\n\n${where}\n\n${SECTIONS[part.part]!(Object.entries(part.items))}`;
  });
  return `# GPU report\n\nWritten by \`tools/gpu-report\`; each part's command prints its section again.\n\n${sections.join('\n\n')}\n`;
}

type Items = readonly (readonly [string, unknown])[];

const SECTIONS: Readonly<Record<string, (items: Items) => string>> = {
  speed: speedSection,
  prefill: prefillSection,
  sessions: sessionsSection,
  open: openSection,
  rows: rowsSection,
  texts: textsSection,
  replay: replaySection,
  heads: headsSection,
  'real-pair': realPairSection,
  stories: storiesSection,
  transformers: transformersSection,
  contract: contractSection,
  sanitizer: sanitizerSection,
  faults: faultsSection,
  several: severalSection,
  profile: profileSection,
};

const ms = (value: number): string => value.toFixed(value < 10 ? 3 : 2);
const whole = (value: number): string => value.toLocaleString('en-US');
const terabytes = (value: number): string => (value / 1e12).toFixed(2);

function speedSection(items: Items): string {
  const results = items.filter(([name]) => name !== 'judged round').map(([, item]) => item as SpeedResult);
  const passes = results.flatMap(({ model, dtype, passes: list, copyBandwidth }) =>
    list.map((pass) => {
      const said = predicted(model, dtype);
      const limit = limitOf(pass.limitMilliseconds, copyBandwidth);
      const one = list.find(({ context, width }) => context === pass.context && width === 1);
      return [
        model,
        whole(pass.context),
        String(pass.width),
        pass.outputs,
        ms(pass.milliseconds),
        `${ms(pass.spread[0])} – ${ms(pass.spread[1])}`,
        ms(limit),
        `${Math.round((100 * limit) / pass.milliseconds)} %`,
        one === undefined ? '' : (pass.milliseconds / one.milliseconds).toFixed(2),
        ms(said.pass(pass.width, pass.context)),
        off(said.pass(pass.width, pass.context), pass.milliseconds),
        pass.digest,
      ];
    }),
  );
  const models = results.map((result) => [
    result.model,
    (result.weightBytes / 1e9).toFixed(2),
    result.openSeconds.toFixed(2),
    result.readBandwidth.map(terabytes).join(', '),
    result.copyBandwidth.map(terabytes).join(', '),
    ms(result.draftTokenMilliseconds),
    ms(result.plainTokenMilliseconds),
    result.prefill === undefined
      ? ''
      : `${whole(result.prefill.tokens)} in ${ms(result.prefill.milliseconds)}`,
  ]);
  const round = items.find(([name]) => name === 'judged round')?.[1] as RoundResult | undefined;
  return [
    'Times are those of the call in JavaScript, milliseconds; the limit is weights and cache over the faster of the two copies beside them. Random weights: nothing here is quality.',
    table(
      [
        'model',
        'context',
        'rows',
        'outputs',
        'ms',
        'middle 90 %',
        'limit',
        'of the limit',
        'x 1 row',
        'planner',
        'off',
        'digest',
      ],
      passes,
    ),
    table(
      [
        'model',
        'GB on the device',
        'opened in s',
        'read TB/s',
        'copy TB/s',
        'drafted token ms',
        'plain token ms',
        'prefill ms',
      ],
      models,
    ),
    'What a call takes beyond the device’s own time (which it is asked for here alone), and what of it lies outside the library; medians in ms.',
    table(
      ['model', 'call', 'ms', 'beyond the device', 'beyond the library'],
      results.flatMap(({ model, host = [] }) =>
        host.map(({ call, milliseconds, beyondDevice, beyondLibrary }) => [
          model,
          call,
          ms(milliseconds),
          ms(beyondDevice),
          ms(beyondLibrary),
        ]),
      ),
    ),
    ...(round === undefined
      ? []
      : [
          `A round of ${round.target}, drafted by ${round.draft} (${round.draftLength} tokens), **${round.acceptedAssumed} accepted, which is assumed**: ${ms(round.milliseconds)} ms (draft ${ms(round.draftMilliseconds)}, verify ${ms(round.verifyMilliseconds)}), ${round.tokensPerSecond.toFixed(0)} tokens/s; plain ${round.plainTokensPerSecond.toFixed(1)}.`,
        ]),
  ].join('\n\n');
}

function sessionsSection(items: Items): string {
  const results = items.map(([, item]) => item as SessionsResult);
  return [
    'Sessions of one model in one pass, each with so many rows, beside the same passes one after another; context as stated, medians in ms.',
    table(
      ['model', 'context', 'sessions', 'rows of each', 'together', 'one after another', 'times as fast'],
      results.flatMap(({ model, context, passes }) =>
        passes.map(({ sessions, rows, together, oneAfterAnother }) => [
          model,
          whole(context),
          String(sessions),
          String(rows),
          ms(together),
          ms(oneAfterAnother),
          (oneAfterAnother / together).toFixed(2),
        ]),
      ),
    ),
  ].join('\n\n');
}

function openSection(items: Items): string {
  return [
    'From the call to the first answer of a session, in seconds; a folder’s weights are made up, as large as real ones, and were written just before. The second time their digest is remembered, in a cache folder such as `judge` has.',
    table(
      ['what', 'GB on the device', 's', 'again'],
      items.map(([, item]) => {
        const { what, gigabytes, seconds, again } = item as OpenResult;
        return [what, gigabytes.toFixed(2), seconds.toFixed(2), again.toFixed(2)];
      }),
    ),
  ].join('\n\n');
}

/** Slices of one shape, added up. */
function bySlices(results: readonly RowsResult[]): readonly RowsResult[] {
  const sums = new Map<string, RowsResult>();
  for (const each of results) {
    const key = `${each.model} ${each.past}`;
    const known = sums.get(key);
    const sum = (of: 'compared' | 'differ' | 'arrangements' | 'seconds') => each[of] + (known?.[of] ?? 0);
    sums.set(key, {
      ...each,
      ...{ compared: sum('compared'), differ: sum('differ') },
      ...{ arrangements: sum('arrangements'), seconds: sum('seconds') },
      examples: [...(known?.examples ?? []), ...each.examples].slice(0, 5),
    });
  }
  return [...sums.values()];
}

function rowsSection(items: Items): string {
  const results = bySlices(items.map(([, item]) => item as RowsResult));
  const total = (of: 'compared' | 'differ') => results.reduce((sum, result) => sum + result[of], 0);
  const examples = results.flatMap(({ model, examples: list }) => list.map((line) => `- ${model}: ${line}`));
  return [
    `${whole(total('compared'))} rows compared bit for bit, ${whole(total('differ'))} differ.`,
    table(
      ['model', 'behind', 'rows compared', 'differ', 'ways to cut', 's'],
      results.map((result) => [
        result.model,
        whole(result.past),
        whole(result.compared),
        whole(result.differ),
        whole(result.arrangements),
        result.seconds.toFixed(1),
      ]),
    ),
    ...(examples.length === 0 ? [] : [examples.join('\n')]),
  ].join('\n\n');
}

function storiesSection(items: Items): string {
  const results = items.map(([, item]) => item as StoryResult);
  return [
    'stories260K, greedy, against the text that its makers document; they ran float32.',
    table(
      ['dtype', 'letters documented', 'the same from the start'],
      results.map(({ dtype, documentedLetters, same }) => [dtype, String(documentedLetters), String(same)]),
    ),
  ].join('\n\n');
}

function transformersSection(items: Items): string {
  const results = items.map(([name, item]) => [name, item as TransformersResult] as const);
  const versions = [...new Set(results.map(([, result]) => result.versions))].join('; ');
  const parts = ['logits', 'pre_norm', 'post_norm'] as const;
  const small = (value: number) => value.toExponential(1);
  return [
    `Relative L2 distance to transformers’ float32 on the same rounded weights (${versions}); “theirs” is its own bfloat16 on them. The engine may be at most 1.2 times as far and at most 4e-2.`,
    table(
      [
        'model',
        'context',
        'logits',
        'theirs',
        'pre-norm',
        'theirs',
        'post-norm',
        'theirs',
        'worst ratio',
        'favourites differ',
        'at near ties',
        'widths differ',
      ],
      results.flatMap(([name, { contexts }]) =>
        contexts.map(({ context, ours, theirs, rows, favouritesDiffer, nearTies, widthsDiffer }) => [
          name,
          whole(context),
          ...parts.flatMap((part) => [small(ours[part]), small(theirs[part])]),
          Math.max(...parts.map((part) => ours[part] / theirs[part])).toFixed(2),
          `${favouritesDiffer} of ${rows}`,
          String(nearTies),
          String(widthsDiffer),
        ]),
      ),
    ),
  ].join('\n\n');
}

function contractSection(items: Items): string {
  const results = items.map(([name, item]) => [name, item as ContractResult] as const);
  const looked = results.filter(([, result]) => result.refused === undefined);
  const refused = results.filter(([, result]) => result.refused !== undefined).map(([name]) => name);
  const broken = results.flatMap(([name, result]) =>
    result.broken.map(({ id, detail }) => `- ${name}: ${id}: ${detail}`),
  );
  return [
    table(
      ['model', 'kept', 'broken', 'not declared', 'near ties excused'],
      looked.map(([name, result]) => [
        name,
        whole(result.kept),
        whole(result.broken.length),
        whole(result.notDeclared.length),
        whole(result.excusedFlips),
      ]),
    ),
    ...(broken.length === 0 ? [] : [broken.join('\n')]),
    ...(refused.length === 0
      ? []
      : [`Not looked at, since they do not divide by the GPUs: ${refused.join('; ')}.`]),
  ].join('\n\n');
}

function sanitizerSection(items: Items): string {
  return table(
    ['tool', 'over', 'outcome', 'summary', 's'],
    items.map(([, item]) => {
      const { tool, part, outcome, summary, seconds } = item as SanitizerResult;
      return [tool, part, outcome, summary, seconds.toFixed(0)];
    }),
  );
}

function faultsSection(items: Items): string {
  return table(
    ['what', 'outcome', 'seen', 'device memory before, after in MB'],
    items.map(([, item]) => {
      const { done, outcome, seen, memoryBefore, memoryAfter } = item as FaultResult;
      return [
        done,
        outcome,
        seen,
        [memoryBefore, memoryAfter].map((bytes) => (bytes / 1e6).toFixed(0)).join(', '),
      ];
    }),
  );
}
