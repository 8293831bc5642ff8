import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type GuardOptions, throwIfAborted } from '@judge-decoding/core';
import {
  type Arm,
  type AuthorReadings,
  parseArms,
  readGivenText,
  sharedReadings,
  type TextReading,
  textPage,
  textTable,
} from '@judge-decoding/eval';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { answersOf, pocketTexts, type Text, textsOf } from '../measure/given-texts.ts';
import { openRunPair, type RunPair } from '../measure/open-run-pair.ts';
import { type Heads, readHeads } from '../measure/read-heads.ts';
import { tableLines } from '../measure/result-lines.ts';
import { badFlag } from '../options/flag-value.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { ABOUT_AUTHORS, type Author } from '../options/text-authors.ts';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import { paintFor } from '../render/paint.ts';
import { type Progress, progressLine } from '../render/progress.ts';
import { notices } from '../run/notices.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface TextsFlags extends ModelFlags {
  readonly arms?: string;
  readonly head?: readonly string[];
  readonly authors?: readonly Author[];
  readonly count?: number;
  readonly floor?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

const COUNT = 60;

/** Texts of one author. */
interface Written {
  readonly author: string;
  readonly texts: readonly Text[];
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
  checkFlags(file, flags);
  const { authors = ['draft'] } = flags;
  const embedded = flags.target === undefined ? await embeddedPair(terminal.env) : undefined;
  const heads = await readHeads(flags.head, embedded?.head);
  const arms = armsOf(flags, heads, world);
  const draft = authors.includes('draft-model') ? {} : { draft: 'none' };
  const pair = await interruptible(terminal, (signal) =>
    openRunPair({ exact: true, ...flags, ...draft }, world, {
      heads: Object.values(heads.byName),
      signal,
      onNotice: (text) => notices(terminal, paint).say(text),
      onProgress: (what, done, total) => progress.show(what, done, total),
    }),
  ).finally(() => progress.clear());
  try {
    const read = await interruptible(terminal, async (signal) => {
      const written = await textsBy(file, flags, authors, pair, signal);
      const guards = flags.floor === undefined ? {} : { leastProbability: flags.floor };
      return readAll(written, { arms, pair, heads, guards, world, progress, signal });
    }).finally(() => progress.clear());
    const about = `${pair.target.info.name}; ${file === undefined ? `pocket problems, solved by ${authors.map((author) => `${ABOUT_AUTHORS[author]} (\`${author}\`)`).join(', ')}` : `texts from ${basename(file)}`}.`;
    if (flags.out !== undefined) await writeFile(flags.out, textPage(read, about));
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

function checkFlags(file: string | undefined, { target, authors }: TextsFlags): void {
  if (file === undefined && target !== undefined)
    throw badFlag(
      'the file',
      'a JSONL file with texts for a model of your own',
      '',
      'Only the pocket pair has texts of its own.',
    );
  if (file !== undefined && authors !== undefined)
    throw badFlag('--authors', 'left out beside a file, whose author nobody knows', authors.join(','));
}

type VerifyingArm = Extract<Arm, { readonly decode: 'speculative' }>;

function armsOf({ arms: list }: TextsFlags, heads: Heads, { rules }: World): readonly VerifyingArm[] {
  const names = Object.keys(heads.byName);
  const usual = names.length > 0 ? 'strict,judge,fly,mars,topk:2' : 'strict,fly,mars,topk:2';
  const arms = parseArms(list ?? usual, { draftLength: 1, rules, heads: names });
  const verifying = arms.flatMap((arm) => (arm.decode === 'speculative' ? [arm] : []));
  if (verifying.length < arms.length) throw badFlag('--arms', 'rules that verify a draft', 'plain or draft');
  return verifying;
}

async function textsBy(
  file: string | undefined,
  { count }: TextsFlags,
  authors: readonly Author[],
  { tokenizer, draft }: RunPair,
  signal: AbortSignal,
): Promise<readonly Written[]> {
  if (file !== undefined)
    return [{ author: basename(file), texts: (await textsOf(file, tokenizer!)).slice(0, count) }];
  const written: Written[] = [];
  for (const author of authors) {
    const texts =
      author !== 'draft-model'
        ? pocketTexts(author, count ?? COUNT, tokenizer!)
        : typeof draft === 'string'
          ? []
          : await answersOf(draft, count ?? COUNT, tokenizer!, signal);
    written.push({ author, texts });
  }
  return written;
}

interface Reading {
  readonly arms: readonly VerifyingArm[];
  readonly pair: RunPair;
  readonly heads: Heads;
  readonly guards: GuardOptions;
  readonly world: World;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function readAll(
  written: readonly Written[],
  { arms, pair, heads, guards, world, progress, signal }: Reading,
): Promise<readonly AuthorReadings[]> {
  const { tokenizer } = pair;
  // a text stands in its author's words whatever was rejected: where passes are exact, once is enough for all rules
  const shared = pair.target.info.exact === true ? sharedReadings(pair.target) : undefined;
  const target = shared?.model ?? pair.target;
  const pieceOf = (id: number) => new TextDecoder().decode(tokenizer!.bytesOf(id));
  const session = await target.openSession();
  const total = arms.length * written.reduce((sum, { texts }) => sum + texts.length, 0);
  let done = 0;
  try {
    const all: AuthorReadings[] = [];
    for (const { author, texts } of written) {
      const byArm: { arm: string; readings: TextReading[] }[] = arms.map(({ name }) => ({
        arm: name,
        readings: [],
      }));
      for (const text of texts) {
        shared?.forget();
        for (const [index, { verify }] of arms.entries()) {
          throwIfAborted(signal);
          progress.show('reading', done++, total);
          const named = { heads: heads.byName, rules: world.rules };
          byArm[index]!.readings.push(
            await readGivenText(text, { target, session, verify, named, guards, signal }),
          );
        }
      }
      const shown = texts.map(({ problem, question, tokens, mistakeAt }) => ({
        id: problem.id,
        question,
        pieces: tokens.map(pieceOf),
        mistakeAt,
      }));
      all.push({ author, arms: byArm, texts: shown });
    }
    return all;
  } finally {
    await session.dispose();
  }
}
