import { readFile } from 'node:fs/promises';
import { readHead } from '@judge-decoding/core';
import { parseArm, rowList, runArms } from '@judge-decoding/eval';
import { progressLine } from '@judge-decoding/long-work';
import { USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { grade, readProblem, type TaskProblem } from '@judge-decoding/tasks';
import { openPair, type Pair, type PairOptions } from './pair.ts';

interface HandProblem {
  readonly id: string;
  readonly domain: string;
  readonly text: string;
  /** A number, two with a semicolon between them, a name, or a list; absent where the pair can have none. */
  readonly answer?: string;
}

export interface HandOptions extends PairOptions {
  readonly file: string;
  /** Folder of the heads; the pair's usual one judges. */
  readonly heads: string;
  readonly draftLength: number;
  readonly maxTokens: number;
}

/** Problems of one kind: how many, right ones by arm, and what the judge lost and won against plain decoding. */
interface Count {
  problems: number;
  plain: number;
  judge: number;
  lost: number;
  won: number;
}

/**
 * The pair on problems that somebody wrote by hand: how many the reader knows, and how many are right by plain decoding
 * and in judge mode where it does and where it does not. Prints counts.
 */
export async function measureByHand(options: HandOptions): Promise<void> {
  const lines = (await readFile(options.file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const all = lines.map((line) => JSON.parse(line) as HandProblem);
  const written = all.filter(hasAnswer);
  const others = all.filter((each) => !hasAnswer(each));
  const head = readHead(await readFile(`${options.heads}/${USUAL_HEAD}.safetensors`));
  const pair = await openPair(options);
  const sink = rowList();
  try {
    await runArms({
      arms: ['plain', 'judge'].map((name) =>
        parseArm(name, { draftLength: options.draftLength, heads: [USUAL_HEAD] }),
      ),
      problems: written.map((problem) => taskOf(problem, pair)),
      target: pair.target,
      draft: pair.draft,
      named: { heads: { [USUAL_HEAD]: head } },
      sink,
      maxTokens: options.maxTokens,
      now: () => performance.now(),
      onProgress: progressLine('by hand'),
    });
  } finally {
    await pair.dispose();
  }
  const right = new Set(
    sink.rows.filter(({ correct }) => correct).map(({ arm, problem }) => `${arm} ${problem}`),
  );
  const counts = new Map<string, Count>();
  for (const { id, domain, text } of written) {
    const plain = right.has(`plain ${id}`);
    const judge = right.has(`judge ${id}`);
    for (const of of [domain, 'all']) {
      const kind = `${of}, ${readProblem(text).known ? 'known' : 'not known'}`;
      const count = counts.get(kind) ?? { problems: 0, plain: 0, judge: 0, lost: 0, won: 0 };
      count.problems += 1;
      count.plain += Number(plain);
      count.judge += Number(judge);
      count.lost += Number(plain && !judge);
      count.won += Number(judge && !plain);
      counts.set(kind, count);
    }
  }
  if (others.length > 0) {
    const known = others.filter(({ text }) => readProblem(text).known).length;
    process.stdout.write(`without an answer: ${others.length} prompts, known ${known}\n`);
  }
  for (const [kind, { problems, plain, judge, lost, won }] of counts)
    process.stdout.write(
      `${kind}: ${problems} problems, right by plain decoding ${plain}, by judge ${judge} (lost ${lost}, won ${won})\n`,
    );
}

const hasAnswer = (problem: HandProblem): problem is Required<HandProblem> => problem.answer !== undefined;

function taskOf({ id, domain, text, answer }: Required<HandProblem>, { tokenizer }: Pair): TaskProblem {
  const ends = new Set(tokenizer.endTokens);
  return {
    id,
    domain,
    prompt: tokenizer.encodeChat([{ role: 'user', content: text }]),
    grade: (solution) => grade({ answer }, tokenizer.decode(solution.filter((token) => !ends.has(token)))),
  };
}
