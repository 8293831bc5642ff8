import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  JudgeDecodingError,
  meanAcceptedLength,
  merge,
  NO_STATS,
  readHead,
  writeHead,
} from '@judge-decoding/core';
import { REFERENCE, type Row, readResults } from '@judge-decoding/eval';
import { writeAtomically } from '@judge-decoding/long-work';

/** What one threshold did to the problems that the target got right. */
interface Candidate {
  readonly threshold: number;
  /** Of all problems, and by domain: the share that the target got right and the judge did not. */
  readonly lostOfAll: number;
  readonly lost: ReadonlyMap<string, number>;
  /** Tokens a round. */
  readonly accepted: number;
}

export interface ThresholdOptions {
  /** What `judge eval` wrote of calibration problems, with arms `plain` and `judge:T` for several T. */
  readonly results: string;
  readonly headFile: string;
  readonly mostLost: number;
}

/**
 * Gives a head the lowest of the thresholds measured at which no more than `mostLost` of the problems
 * are lost. The labels of single tokens choose a first one (`heads`); what counts is whether answers
 * stay right when thousands of such decisions follow each other.
 */
export async function chooseThreshold({ results, headFile, mostLost }: ThresholdOptions): Promise<void> {
  const { rows } = await readResults(results);
  const candidates = [...new Set(rows.map(({ arm }) => arm))]
    .filter((arm) => /^judge:[\d.]+$/.test(arm))
    .map((arm) => candidateOf(rows, arm))
    .sort((a, b) => a.threshold - b.threshold);
  for (const { threshold, lostOfAll, lost, accepted } of candidates) {
    const shares = [...lost].map(([domain, share]) => `${domain} ${percent(share)}`).join(', ');
    say(`${threshold}: accepts ${accepted.toFixed(2)} a round, loses ${percent(lostOfAll)} (${shares})`);
  }
  const chosen = candidates.find(({ lostOfAll }) => lostOfAll <= mostLost);
  if (chosen === undefined)
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected a threshold in ${results} at which no more than ${mostLost} of the problems are lost, found none. Measure higher ones: judge eval --arms plain,judge:0.999.`,
    );
  await giveThreshold(headFile, chosen.threshold);
}

/** Gives every head in a folder the threshold that `pair.py thresholds` chose for it (its `thresholds.json`). */
export async function takeChosen(file: string, headsFolder: string): Promise<void> {
  const { chosen } = JSON.parse(await readFile(file, 'utf8')) as {
    readonly chosen: Readonly<Record<string, number>>;
  };
  const present = Object.entries(chosen)
    .map(([name, threshold]) => ({ path: `${headsFolder}/${name}.safetensors`, threshold }))
    .filter(({ path }) => existsSync(path));
  if (present.length === 0)
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected one of ${Object.keys(chosen).join(', ')} in ${headsFolder}, found none.`,
    );
  for (const { path, threshold } of present) await giveThreshold(path, threshold);
}

/** The one way in which a head's threshold changes; what was measured at the one before goes. */
async function giveThreshold(headFile: string, threshold: number): Promise<void> {
  const head = readHead(await readFile(headFile));
  const { measured: _, ...provenance } = head.provenance;
  // the head's calibration curve stays true
  const metrics = Object.fromEntries(
    Object.entries(provenance.metrics).filter(([name]) => !/^(recall|false rejections)/.test(name)),
  );
  await writeAtomically(headFile, writeHead({ ...head, threshold, provenance: { ...provenance, metrics } }));
  say(
    `${headFile} has the threshold ${threshold} now; pocket-eval dtypes --write measures it in other types`,
  );
}

function candidateOf(rows: readonly Row[], arm: string): Candidate {
  const right = new Set(
    rows.filter((row) => row.arm === REFERENCE && row.correct).map(({ problem }) => problem),
  );
  const own = rows.filter((row) => row.arm === arm);
  const lostOf = (those: readonly Row[]) =>
    those.filter(({ correct, problem }) => !correct && right.has(problem)).length / those.length;
  const domains = [...new Set(own.map(({ domain }) => domain))];
  const lost = new Map(domains.map((domain) => [domain, lostOf(own.filter((row) => row.domain === domain))]));
  const { accepted } = meanAcceptedLength(own.reduce((sum, { stats }) => merge(sum, stats), NO_STATS));
  return { threshold: Number(arm.split(':')[1]), lostOfAll: lostOf(own), lost, accepted };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const say = (text: string) => process.stderr.write(`${text}\n`);
