import { readFile } from 'node:fs/promises';
import { rowList, runArms } from '@judge-decoding/eval';
import { progressLine } from '@judge-decoding/long-work';
import { grade, readProblem, type TaskProblem } from '@judge-decoding/tasks';
import { openPair, type Pair, type PairOptions } from './pair.ts';

interface HandProblem {
  readonly id: string;
  readonly domain: string;
  readonly text: string;
  /** A number, two with a semicolon between them, a name, or a list. */
  readonly answer: string;
}

export interface HandOptions extends PairOptions {
  readonly file: string;
  readonly maxTokens: number;
}

/**
 * The target on problems that somebody wrote by hand: how many the reader knows, and how many are right where it
 * does and where it does not. Prints counts.
 */
export async function measureByHand(options: HandOptions): Promise<void> {
  const lines = (await readFile(options.file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const written = lines.map((line) => JSON.parse(line) as HandProblem);
  const pair = await openPair(options);
  const sink = rowList();
  try {
    await runArms({
      arms: [{ name: 'target', decode: 'plain', model: 'target' }],
      problems: written.map((problem) => taskOf(problem, pair)),
      target: pair.target,
      draft: pair.draft,
      sink,
      maxTokens: options.maxTokens,
      now: () => performance.now(),
      onProgress: progressLine('by hand'),
    });
  } finally {
    await pair.dispose();
  }
  const right = new Map(sink.rows.map((row) => [row.problem, row.correct]));
  const counts = new Map<
    string,
    { known: number; knownRight: number; unknown: number; unknownRight: number }
  >();
  for (const { id, domain, text } of written) {
    for (const name of [domain, 'all']) {
      const own = counts.get(name) ?? { known: 0, knownRight: 0, unknown: 0, unknownRight: 0 };
      const known = readProblem(text).known ? 'known' : 'unknown';
      own[known] += 1;
      if (right.get(id)) own[`${known}Right`] += 1;
      counts.set(name, own);
    }
  }
  for (const [domain, { known, knownRight, unknown, unknownRight }] of counts) {
    process.stdout.write(
      `${domain}: ${known} known, ${knownRight} of them right; ${unknown} not known, ${unknownRight} of them right\n`,
    );
  }
}

function taskOf({ id, domain, text, answer }: HandProblem, { tokenizer }: Pair): TaskProblem {
  const ends = new Set(tokenizer.endTokens);
  return {
    id,
    domain,
    prompt: tokenizer.encodeChat([{ role: 'user', content: text }]),
    grade: (solution) => grade({ answer }, tokenizer.decode(solution.filter((token) => !ends.has(token)))),
  };
}
