import { medianWithInterval } from './rival-table.ts';

/** What came of one prompt. */
export interface Written {
  readonly tokens: readonly number[];
  /** Milliseconds from the question until each token was there; tokens of one round have one time. */
  readonly at: readonly number[];
  /** Of ours: where its rounds went. */
  readonly rounds?: Rounds;
}

export interface Rounds {
  readonly count: number;
  readonly drafted: number;
  readonly committed: number;
  /** Milliseconds. */
  readonly times: { readonly draft: number; readonly verify: number; readonly rest: number };
}

/** A runtime with a model. */
export interface Writer {
  readonly name: string;
  write(prompt: readonly number[], maxTokens: number): Promise<Written>;
}

export interface Case {
  /** Cases of one group make one figure. */
  readonly group: string;
  readonly prompt: readonly number[];
  readonly maxTokens: number;
}

/** One writer's visit to one case. */
export interface Visit {
  readonly writer: string;
  readonly group: string;
  readonly case: number;
  readonly turn: number;
  /** Tokens after those of the first commit, and the milliseconds that they took: the prompt is in neither. */
  readonly tokens: number;
  readonly milliseconds: number;
  /** Until the first commit: the prompt, and one step or round. */
  readonly first: number;
  /** What was written. */
  readonly written: readonly number[];
  readonly rounds?: Rounds | undefined;
}

export interface InTurns {
  readonly turns: number;
  /** Whether each group is warmed up, not the shortest case alone: on a GPU other kernels run after long texts. */
  readonly warmGroups?: boolean;
  readonly onTurn?: (turn: number) => void;
  /** After it no further case is begun. */
  readonly enough?: () => boolean;
  /** Called after each visit with all there are: what a run that is cut keeps. */
  readonly onVisit?: (visits: readonly Visit[]) => Promise<void>;
}

/** Every writer writes every case `turns` times, in turn, beginning with another one each time; before that each has written once. */
export async function inTurns(
  writers: readonly Writer[],
  cases: readonly Case[],
  {
    turns,
    warmGroups = false,
    onTurn = () => undefined,
    enough = () => false,
    onVisit = () => Promise.resolve(),
  }: InTurns,
): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  // what is compiled or mapped at first use is nobody's speed; the shortest case is enough for that, or the shortest of each group
  const byLength = [...cases].sort((a, b) => a.prompt.length - b.prompt.length);
  const groups = warmGroups ? [...new Set(byLength.map(({ group }) => group))] : [byLength[0]!.group];
  for (const group of groups) {
    const { prompt, maxTokens } = byLength.find((each) => each.group === group)!;
    for (const writer of writers) await writer.write(prompt, Math.min(maxTokens, 24));
  }
  for (let turn = 0; turn < turns; turn++) {
    onTurn(turn);
    for (const [index, { group, prompt, maxTokens }] of cases.entries()) {
      if (visits.length > 0 && enough()) return visits;
      for (let place = 0; place < writers.length; place++) {
        const writer = writers[(place + turn + index) % writers.length]!;
        const { tokens, at, rounds } = await writer.write(prompt, maxTokens);
        const after = at.filter((time) => time > at[0]!).length;
        visits.push({
          writer: writer.name,
          group,
          case: index,
          turn,
          tokens: after,
          milliseconds: at.at(-1)! - at[0]!,
          first: at[0]!,
          written: tokens,
          rounds,
        });
        await onVisit(visits);
      }
    }
  }
  return visits;
}

const perSecond = (visits: readonly Visit[]): number =>
  (1000 * visits.reduce((sum, { tokens }) => sum + tokens, 0)) /
  visits.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

/** Tokens a second by group and writer, and how many times the first writer's; medians with 95 % intervals, as Markdown. */
export function speedTable(visits: readonly Visit[]): string {
  const names = [...new Set(visits.map(({ writer }) => writer))].sort();
  const groups = [...new Set(visits.map(({ group }) => group))];
  const lines = groups.flatMap((group) => {
    const here = names.filter((name) =>
      visits.some((visit) => visit.group === group && visit.writer === name),
    );
    const theirs = here.find((name) => name.startsWith('transformers.js'));
    return here.map((name) => {
      const own = visits.filter((visit) => visit.group === group && visit.writer === name);
      const pairs = own.flatMap((visit) => {
        const other = visits.find(
          (each) =>
            each.writer === theirs &&
            each.group === group &&
            each.case === visit.case &&
            each.turn === visit.turn,
        );
        return other === undefined ? [] : [[visit, other] as const];
      });
      const ratio =
        name === theirs || pairs.length === 0
          ? ''
          : medianWithInterval(
              pairs.map(([one, other]) => perSecond([one]) / perSecond([other])),
              2,
            );
      const same = pairs.filter(([one, other]) => one.written.join() === other.written.join()).length;
      const texts = name === theirs ? '' : `${same} of ${pairs.length}`;
      const firsts = medianWithInterval(
        own.map(({ first }) => first),
        0,
      );
      return `| ${group} | ${name} | ${perSecond(own).toFixed(1)} | ${ratio} | ${firsts} | ${texts} |`;
    });
  });
  return [
    '| | | tokens/s | times transformers.js | first after, ms | same text |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n');
}

/**
 * How much longer a token takes after the last case's text than after the first's, of each writer: the turns' ratios, median with
 * 95 % interval, as Markdown; empty where there is one case alone, or where cases have no lengths of their own.
 */
export function slopeTable(visits: readonly Visit[]): string {
  const groups = [...new Set(visits.map(({ group }) => group))];
  const [short, long] = [groups[0], groups.at(-1)];
  if (short === long || groups.some((group) => !/after \d+ tokens$/.test(group))) return '';
  const each = ({ milliseconds, tokens }: Visit) => milliseconds / tokens;
  const lines = [...new Set(visits.map(({ writer }) => writer))].flatMap((name) => {
    const of = (group: string | undefined) =>
      visits.filter((visit) => visit.writer === name && visit.group === group);
    const pairs = of(short).flatMap((first) => {
      const last = of(long).find(({ turn }) => turn === first.turn);
      return last === undefined ? [] : [[each(first), each(last)] as const];
    });
    if (pairs.length === 0) return [];
    const cells = [
      medianWithInterval(
        pairs.map(([first]) => first),
        2,
      ),
      medianWithInterval(
        pairs.map(([, last]) => last),
        2,
      ),
      medianWithInterval(
        pairs.map(([first, last]) => last / first),
        2,
      ),
      (perSecond(of(short)) / perSecond(of(long))).toFixed(2),
    ];
    return [`| ${name} | ${pairs.length} | ${cells.join(' | ')} |`];
  });
  return lines.length === 0
    ? ''
    : [
        `| ms a token | pairs | ${short} | ${long} | times, pair by pair | by tokens a second |`,
        '| --- | ---: | ---: | ---: | ---: | ---: |',
        ...lines,
      ].join('\n');
}

/** Tokens and milliseconds of a round by writer, as Markdown; empty where nobody counts rounds. */
export function roundTable(visits: readonly Visit[]): string {
  const names = [...new Set(visits.flatMap(({ writer, rounds }) => (rounds === undefined ? [] : [writer])))];
  const lines = names.map((name) => {
    const own = visits.flatMap(({ writer, rounds }) =>
      writer === name && rounds !== undefined ? [rounds] : [],
    );
    const sum = (of: (rounds: Rounds) => number) => own.reduce((total, rounds) => total + of(rounds), 0);
    const each = (of: (rounds: Rounds) => number) => (sum(of) / sum(({ count }) => count)).toFixed(2);
    const cells = [
      each(({ drafted }) => drafted),
      each(({ committed }) => committed),
      each(({ times }) => times.draft),
      each(({ times }) => times.verify),
      each(({ times }) => times.rest),
    ];
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return lines.length === 0
    ? ''
    : [
        '| a round | drafted | committed | ms drafting | ms verifying | ms deciding |',
        '| --- | ---: | ---: | ---: | ---: | ---: |',
        ...lines,
      ].join('\n');
}
