import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Tokenizer } from '@judge-decoding/checkpoint';
import { JudgeDecodingError, throwIfAborted } from '@judge-decoding/core';
import {
  type ArmReadings,
  type GivenText,
  parseArms,
  readGivenText,
  type ShownText,
  type TextReading,
  textPage,
  textTable,
} from '@judge-decoding/eval';
import { pocketProblem, seededRandom, type TaskProblem, writeSolution } from '@judge-decoding/tasks';
import { inTokens } from '@judge-decoding/tasks/benchmarks';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { openRunPair } from '../measure/open-run-pair.ts';
import { readHeads } from '../measure/read-heads.ts';
import { tableLines } from '../measure/result-lines.ts';
import { badFlag } from '../options/flag-value.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { notices } from '../run/notices.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';
import { problemsOf } from './problems.ts';

export interface TextsFlags extends ModelFlags {
  readonly arms?: string;
  readonly head?: readonly string[];
  readonly count?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

const COUNT = 60;
/** Of its lines; about one text in two goes wrong somewhere. */
const MISTAKES = 0.12;

/** A text, and how to show it. */
interface Text extends GivenText {
  readonly question: string;
}

/** Offers texts of other authors to the target, under every rule. */
export async function textsCommand(
  file: string | undefined,
  flags: TextsFlags,
  world: World,
): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const progress = progressLine(terminal, paint);
  if (file === undefined && flags.target !== undefined)
    throw badFlag(
      'the file',
      'a JSONL file with texts for a model of your own',
      '',
      'Only the pocket pair has texts of its own.',
    );
  const embedded = flags.target === undefined ? await embeddedPair(terminal.env) : undefined;
  const heads = await readHeads(flags.head, embedded?.head);
  const names = Object.keys(heads.byName);
  const arms = parseArms(
    flags.arms ?? (names.length > 0 ? 'strict,judge,fly,mars,topk:2' : 'strict,fly,mars,topk:2'),
    {
      draftLength: 1,
      rules: world.rules,
      heads: names,
    },
  );
  const verifying = arms.flatMap((arm) => (arm.decode === 'speculative' ? [arm] : []));
  if (verifying.length < arms.length) throw badFlag('--arms', 'rules that verify a draft', 'plain or draft');
  const pair = await interruptible(terminal, (signal) =>
    openRunPair({ ...flags, draft: 'none' }, world, {
      heads: Object.values(heads.byName),
      signal,
      onNotice: (text) => notices(terminal, paint).say(text),
      onProgress: (what, done, total) => progress.show(what, done, total),
    }),
  ).finally(() => progress.clear());
  try {
    const tokenizer = pair.tokenizer!;
    const texts =
      file === undefined
        ? pocketTexts(flags.count ?? COUNT, tokenizer)
        : (await textsOf(file, tokenizer)).slice(0, flags.count);
    const session = await pair.target.openSession();
    const read: ArmReadings[] = await interruptible(terminal, async (signal) => {
      const all: ArmReadings[] = [];
      for (const [index, arm] of verifying.entries()) {
        const readings: TextReading[] = [];
        for (const [at, text] of texts.entries()) {
          throwIfAborted(signal);
          progress.show('reading', index * texts.length + at, verifying.length * texts.length);
          readings.push(
            await readGivenText(text, {
              target: pair.target,
              session,
              verify: arm.verify,
              named: { heads: heads.byName, rules: world.rules },
              signal,
            }),
          );
        }
        all.push({ arm: arm.name, readings });
      }
      return all;
    }).finally(() => progress.clear());
    await session.dispose();
    const pieceOf = (id: number) => new TextDecoder().decode(tokenizer.bytesOf(id));
    const shown = texts.map(
      ({ problem, question, tokens, mistakeAt }): ShownText => ({
        id: problem.id,
        question,
        pieces: tokens.map(pieceOf),
        mistakeAt,
      }),
    );
    const about = `${pair.target.info.name}, ${texts.length} texts ${file === undefined ? 'of the pocket world with the habits of the draft’s author, every second with mistakes' : `from ${basename(file)}`}.`;
    if (flags.out !== undefined) await writeFile(flags.out, textPage(shown, read, about));
    if (flags.json) terminal.out.write(`${JSON.stringify(read, null, 1)}\n`);
    else
      for (const line of tableLines(
        textTable(read),
        paintFor(terminal.out, terminal.env, flags),
        widthOf(terminal.out),
      ))
        terminal.out.write(`${line}\n`);
    if (flags.out !== undefined) terminal.err.write(`\n${flags.out}\n`);
    return EXIT.ok;
  } finally {
    progress.clear();
    await pair.dispose();
  }
}

/** Solutions as the draft's author words them; every second one with mistakes. */
function pocketTexts(count: number, tokenizer: Tokenizer): readonly Text[] {
  return problemsOf({ split: 'dev' }, count).map((problem, index): Text => {
    const { text } = writeSolution(problem, {
      style: 'draft',
      random: seededRandom('texts', problem.id),
      mistakeRate: index % 2 === 0 ? 0 : MISTAKES,
    });
    const tokens = tokenizer.encode(text);
    const asked = pocketProblem(problem, tokenizer);
    const reader = asked.reader();
    const mistakeAt = tokens.findIndex((token) => reader.feed(token) === 'wrong');
    return { problem: asked, question: problem.prompt, tokens, ...(mistakeAt < 0 ? {} : { mistakeAt }) };
  });
}

async function textsOf(file: string, tokenizer: Tokenizer): Promise<readonly Text[]> {
  const content = await readFile(file, 'utf8').catch((cause) => {
    throw new JudgeDecodingError('not-found', `Expected texts in ${file}, found no such file.`, { cause });
  });
  const texts = content.split('\n').flatMap((line, index): readonly Text[] => {
    if (line.trim() === '') return [];
    const row = parsed(line, `${file}:${index + 1}`);
    const problem: TaskProblem = inTokens(
      {
        id: `${basename(file)}/${index + 1}`,
        domain: basename(file),
        messages: [{ role: 'user', content: row.prompt }],
        grade: () => undefined,
      },
      tokenizer,
    );
    const tokens = tokenizer.encode(row.text);
    return [
      {
        problem,
        question: row.prompt,
        tokens,
        ...(row.mistake === undefined
          ? {}
          : { mistakeAt: tokenAt(tokens, row.text, row.mistake, tokenizer) }),
      },
    ];
  });
  if (texts.length > 0) return texts;
  throw new JudgeDecodingError('invalid-file', `Expected texts in ${file}, found none.`);
}

function parsed(
  line: string,
  where: string,
): { readonly prompt: string; readonly text: string; readonly mistake?: number } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected JSON at ${where}.`, { cause });
  }
  const { prompt, text, mistake } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const fits =
    mistake === undefined ||
    (Number.isInteger(mistake) && (mistake as number) >= 0 && (mistake as number) < String(text).length);
  if (typeof prompt === 'string' && typeof text === 'string' && text !== '' && fits)
    return { prompt, text, ...(mistake === undefined ? {} : { mistake: mistake as number }) };
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`prompt\` and \`text\` at ${where}, and \`mistake\` to be a character of the text.`,
  );
}

/** The token that holds a character: by bytes, since tokens may end inside one. */
function tokenAt(tokens: readonly number[], text: string, character: number, tokenizer: Tokenizer): number {
  const wanted = new TextEncoder().encode(text.slice(0, character)).length;
  let bytes = 0;
  const found = tokens.findIndex((token) => {
    bytes += tokenizer.bytesOf(token).length;
    return bytes > wanted;
  });
  return Math.max(0, found);
}
