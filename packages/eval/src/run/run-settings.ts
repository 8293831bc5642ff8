import {
  type Costs,
  invalidOption,
  isCosts,
  JudgeDecodingError,
  type SamplingOptions,
} from '@judge-decoding/core';
import { type Arm, draftLengthOf } from '../arms/arm.ts';

/** Counts changes to what a result folder holds. */
export const RESULT_VERSION = 2;

/** A model as a run has it. */
export interface RunModel {
  readonly name: string;
  readonly dtype: string;
  readonly exact: boolean;
  readonly weights: string;
}

/** What all rows of a folder have in common. Another value is another folder. */
export interface FixedSettings {
  readonly task: string;
  readonly split: string;
  readonly shots: number | null;
  readonly target: RunModel;
  readonly draft: RunModel | 'ngram' | 'none';
  readonly backend: string;
  readonly maxTokens: number;
  readonly sampling: SamplingOptions;
  readonly seed: number;
  /** Loss of accuracy that is asked about, a share, as stated before the first row; null where none was. */
  readonly margin: number | null;
  /** Digests of head files by name. */
  readonly heads: Readonly<Record<string, string>>;
  /** Digests of the modules that rules of others come from, by the rules' names; folders of before do not say. */
  readonly rules?: Readonly<Record<string, string>>;
  /** What keeps model-written programs in, where they are run. */
  readonly sandbox: string | null;
}

/** One request: these arms on these problems. */
export interface AskedRun {
  /** By name and draft length, as `armKey` writes them. */
  readonly arms: readonly string[];
  /** Index of the first problem. */
  readonly from: number;
  readonly problems: number;
  readonly repeats: number;
  readonly warmUps: number;
}

/** `args.json`: what was asked for. */
export interface RunSettings {
  readonly version: typeof RESULT_VERSION;
  readonly fixed: FixedSettings;
  /** These grow: more arms, problems or repeats may join what is there. */
  readonly arms: readonly Arm[];
  readonly runs: readonly AskedRun[];
  /** What passes cost, for the model of a round, each time it was measured: by the machine's name, as rows give it. */
  readonly costs: Readonly<Record<string, readonly Costs[]>>;
  /** Programs of others, by the names of their arms: versions and settings. */
  readonly programs?: Readonly<Record<string, string>>;
  /** The command lines that were run. */
  readonly commands: readonly string[];
}

/** Settings of a folder and of a run that goes on in it, or the error that says what differs. */
export function united(before: RunSettings, now: RunSettings, folder: string): RunSettings {
  for (const name of Object.keys(now.fixed) as (keyof FixedSettings)[]) {
    const [there, ours] = [told(before.fixed[name]), told(now.fixed[name])];
    if (there === ours) continue;
    if ((name === 'heads' || name === 'rules') && agree(before.fixed, now.fixed, name)) continue;
    const why =
      name === 'margin' ? ' A margin is stated before the run: one that is chosen later proves nothing.' : '';
    throw new JudgeDecodingError(
      'mismatch',
      `\`${folder}\` was begun with ${name} ${brief(there)}, not ${brief(ours)}.${why} Use another folder, or the same settings.`,
    );
  }
  const arms = new Map(before.arms.map((arm) => [armKey(arm), arm]));
  for (const arm of now.arms) {
    const there = arms.get(armKey(arm));
    if (there !== undefined && JSON.stringify(there) !== JSON.stringify(arm))
      throw new JudgeDecodingError(
        'mismatch',
        `The arm ${armKey(arm)} in \`${folder}\` is another one: ${brief(JSON.stringify(there))}.`,
      );
    arms.set(armKey(arm), arm);
  }
  return {
    ...before,
    fixed: {
      ...before.fixed,
      heads: { ...before.fixed.heads, ...now.fixed.heads },
      rules: { ...before.fixed.rules, ...now.fixed.rules },
    },
    arms: [...arms.values()],
    runs: [...new Map([...before.runs, ...now.runs].map((run) => [JSON.stringify(run), run])).values()],
    costs: bothCosts(before.costs, now.costs),
    programs: { ...before.programs, ...now.programs },
    commands: [...new Set([...before.commands, ...now.commands])],
  };
}

/** Measurements of both in their order; shards of a folder that meet again have some in common. */
function bothCosts(before: RunSettings['costs'], now: RunSettings['costs']): RunSettings['costs'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return Object.fromEntries(
    names.map((name) => {
      const all = [...(before[name] ?? []), ...(now[name] ?? [])];
      return [name, [...new Map(all.map((costs) => [JSON.stringify(costs), costs])).values()]];
    }),
  );
}

/** In float32 passes that are exact and such as are not write the same texts: rows of both may meet. */
const told = (value: FixedSettings[keyof FixedSettings]): string =>
  JSON.stringify(value, function (this: unknown, key, inner) {
    return key === 'exact' && (this as RunModel).dtype === 'fp32' ? undefined : inner;
  });

/** A head or a rule may join, but not change. */
const agree = (a: FixedSettings, b: FixedSettings, name: 'heads' | 'rules'): boolean =>
  Object.entries(b[name] ?? {}).every(([key, digest]) => {
    const there = a[name]?.[key];
    return there === undefined || there === digest;
  });

/** An arm by what tells it from the others. */
export const armKey = (arm: Arm): string => `${arm.name} at draft length ${draftLengthOf(arm)}`;

/** How many rows all runs together come to, and over how many problems. */
export function askedOf({ runs }: RunSettings): {
  readonly rows: number;
  readonly problems: number;
  readonly repeats: number;
} {
  const rows = new Set<string>();
  const problems = new Set<number>();
  for (const { arms, from, problems: count, repeats } of runs)
    for (let index = from; index < from + count; index++) {
      problems.add(index);
      for (const arm of arms)
        for (let repeat = 0; repeat < repeats; repeat++) rows.add(`${index} ${repeat} ${arm}`);
    }
  return {
    rows: rows.size,
    problems: problems.size,
    repeats: Math.max(1, ...runs.map(({ repeats }) => repeats)),
  };
}

const brief = (json: string | undefined): string =>
  json === undefined ? 'nothing' : json.length > 90 ? `${json.slice(0, 87)}…` : json;

/** Refuses what could not be read again: the rows of a folder without settings are worth nothing. */
export function checkSettings(settings: RunSettings): void {
  const { version, fixed, arms, runs, costs, commands } = (settings ?? {}) as Partial<RunSettings>;
  const isThere = [fixed, costs].every((each) => typeof each === 'object' && each !== null);
  if (version === RESULT_VERSION && isThere && [arms, runs, commands].every(Array.isArray)) return;
  const expected = `\`RunSettings\`: version ${RESULT_VERSION}, fixed, arms, runs, costs and commands`;
  throw invalidOption('settings', expected, settings);
}

/** Settings from a file; anything else is an error that names it. */
export function parseSettings(text: string, where: string): RunSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected JSON in \`${where}\`.`, { cause });
  }
  const { version, fixed, arms, runs, costs } = (value ?? {}) as Partial<RunSettings>;
  if (version !== RESULT_VERSION)
    throw new JudgeDecodingError(
      'unsupported',
      `Expected results of version ${RESULT_VERSION} in \`${where}\`, got ${version === undefined ? 'none' : `version ${String(version)}`}. Report on them with the release that wrote them.`,
    );
  if (typeof fixed !== 'object' || fixed === null || !Array.isArray(arms) || !Array.isArray(runs))
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`fixed\`, \`arms\` and \`runs\` in \`${where}\`.`,
    );
  return { ...(value as RunSettings), costs: costsIn(costs, where) };
}

/** A folder of an earlier release has one measurement of each machine, and not in a list. */
function costsIn(costs: unknown, where: string): RunSettings['costs'] {
  const bad = () =>
    new JudgeDecodingError(
      'invalid-file',
      `Expected \`costs\` by machine in \`${where}\`, each with a table \`verify\` of rows and milliseconds. Remove \`costs\`: only the model of a round needs them.`,
    );
  if (costs === undefined) return {};
  if (typeof costs !== 'object' || costs === null) throw bad();
  return Object.fromEntries(
    Object.entries(costs).map(([name, measured]) => {
      const all: readonly unknown[] = Array.isArray(measured) ? measured : [measured];
      if (!all.every(isCosts)) throw bad();
      return [name, all];
    }),
  );
}
