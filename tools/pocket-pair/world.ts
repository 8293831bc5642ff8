// What training and measuring need of the pocket world, as a program. Bundled into one file, so that it
// also runs where nothing is installed but Node:
//   npx esbuild tools/pocket-pair/world.ts --bundle --platform=node --format=esm --outfile=.pocket/world.mjs
//   node world.mjs documents STYLE FROM COUNT MISTAKES RETRACTIONS [FOREIGN [DOMAINS]]
//                                                          training documents, one JSON line each; the
//                                                          style `drills` has nothing but the hard parts;
//                                                          a share may be half in the draft's words, with
//                                                          `choices`, the places that are not to be learned;
//                                                          domains take turns as listed (words,words,lists);
//                                                          {"skipped", "error"} for one that cannot be made
//   node world.mjs problems SPLIT FROM COUNT [noisy]          problems of every domain, one JSON line each;
//                                                          `noisy`: with made-up names and things, slips of the
//                                                          keyboard and idle clauses, as documents have them
//   node world.mjs names                                      every name, as one JSON line
//   node world.mjs serve                                      labels tokens: one JSON request and answer a line
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  createRecogniser,
  DOMAINS,
  type Domain,
  drawProblem,
  type Recogniser,
  type Split,
  STYLES,
  type Style,
  seededRandom,
} from '../../packages/tasks/src/pocket-world/index.ts';
import { drawTask, type ProblemAddress } from '../../packages/tasks/src/pocket-world/problem.ts';
import { recognise } from '../../packages/tasks/src/pocket-world/recogniser.ts';
import { solve } from '../../packages/tasks/src/pocket-world/solution.ts';
import { NAMES } from '../../packages/tasks/src/pocket-world/things.ts';
import { drill } from './drills.ts';
import { ForeignHand } from './foreign.ts';
import { disturbed, NOISY } from './noise.ts';

async function print(lines: Iterable<string>): Promise<void> {
  let waiting = '';
  for (const line of lines) {
    waiting += `${line}\n`;
    if (waiting.length < 1 << 20) continue;
    if (!process.stdout.write(waiting)) await once(process.stdout, 'drain');
    waiting = '';
  }
  process.stdout.write(waiting);
}

type Numbers = [number, number, number, number, number?];

/** One document in so many is nothing but the hard parts. */
const DRILLS = 6;

/** One in so many of the others is disturbed: names and things that are made up, slips, idle clauses. */
const NOISE = 3;

/** A document is a training problem with one solution; another style or rate gives other text on the same problems. */
function* documents(
  style: Style | 'drills',
  [from, count, mistakeRate, retractionRate, foreign = 0]: Numbers,
  domains: readonly Domain[],
): Generator<string> {
  for (let index = from; index < from + count; index += 1) {
    try {
      yield document(style, index, mistakeRate, retractionRate, foreign, domains);
    } catch (error) {
      // One text that cannot be made shall not end a run of a million; whoever reads them counts.
      yield JSON.stringify({ skipped: `${style} ${index}`, error: String(error) });
    }
  }
}

function document(
  style: Style | 'drills',
  index: number,
  mistakeRate: number,
  retractionRate: number,
  foreign: number,
  domains: readonly Domain[],
): string {
  const domain = domains[index % domains.length]!;
  const address = {
    domain,
    split: 'train',
    index: domains === DOMAINS ? Math.floor(index / DOMAINS.length) : index,
  } as const;
  const random = seededRandom('document', style, mistakeRate, retractionRate, index);
  if (style === 'drills') {
    return JSON.stringify(drill(random, 0.6));
  }
  // by chance: every sixth would be of one and the same domain where these take turns by threes or sixes
  if (random() < 1 / DRILLS) {
    return JSON.stringify(drill(random, 0.15));
  }
  const noisy = Math.floor(random() * NOISE) === 0;
  const task = drawTask(address, noisy ? NOISY : undefined);
  const hand = foreign > 0 && random() < foreign ? new ForeignHand(random) : undefined;
  const { text } = solve(task, {
    style,
    random,
    mistakeRate,
    retractionRate,
    ...(hand && { say: hand.say }),
  });
  const prompt = noisy ? disturbed(task.prompt, text, domain, random) : task.prompt;
  return JSON.stringify({ prompt, text, ...(hand && { choices: hand.choicesIn(text) }) });
}

function* problems(split: Split, [from, count]: Numbers, noisy: boolean): Generator<string> {
  for (const domain of DOMAINS) {
    for (let index = from; index < from + count; index += 1) {
      const address = { domain, split, index };
      yield JSON.stringify(noisy ? noisyProblem(address) : drawProblem(address));
    }
  }
}

function noisyProblem(address: ProblemAddress) {
  const task = drawTask(address, NOISY);
  const random = seededRandom('noisy problem', address.domain, address.split, address.index);
  // words that a solution may say stay as they are
  const said = STYLES.map((style) => solve(task, { style, random, mistakeRate: 0, retractionRate: 0 }).text);
  const { domain, split, index } = address;
  return {
    id: `${domain}/${split}/${index}/noisy`,
    ...address,
    prompt: disturbed(task.prompt, said.join('\n'), domain, random),
    answer: task.answer,
    size: task.size,
    noisy: true,
  };
}

interface Request {
  readonly domain: Domain;
  readonly split: Split;
  readonly index: number;
  /** Whether its names and things are made up, too. */
  readonly noisy?: boolean;
  /** The pieces of a solution; null is the end of the text. */
  readonly pieces: readonly (string | null)[];
}

/** One letter a piece: o (ok), w (wrong), d (dead). */
async function serve(): Promise<void> {
  const fresh = new Map<string, Recogniser>();
  for await (const line of createInterface({ input: process.stdin })) {
    const { domain, split, index, noisy = false, pieces } = JSON.parse(line) as Request;
    const key = `${domain}/${split}/${index}/${noisy}`;
    let start = fresh.get(key);
    if (start === undefined) {
      if (fresh.size >= 4000) fresh.clear();
      start = noisy
        ? recognise(drawTask({ domain, split, index }, NOISY))
        : createRecogniser({ domain, split, index });
      fresh.set(key, start);
    }
    const recogniser = start.clone();
    const labels = pieces.map((piece) =>
      (piece === null ? recogniser.end() : recogniser.feed(piece)).charAt(0),
    );
    process.stdout.write(`${labels.join('')}\n`);
  }
}

const [verb, first, ...rest] = process.argv.slice(2);
const numbers = rest.slice(0, 5).map(Number) as Numbers;
const domains = (rest[5]?.split(',') ?? DOMAINS) as readonly Domain[];
if (domains.some((domain) => !DOMAINS.includes(domain)))
  throw new Error(`Expected domains of ${DOMAINS.join(', ')}, got ${rest[5]}.`);
if (verb === 'documents') await print(documents(first as Style | 'drills', numbers, domains));
else if (verb === 'problems') await print(problems(first as Split, numbers, rest[2] === 'noisy'));
else if (verb === 'names') await print([JSON.stringify(NAMES)]);
else if (verb === 'serve') await serve();
else throw new Error('Expected `documents`, `problems`, `names` or `serve`.');
