import { appendFile, mkdir, open, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Costs, JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere, writeAtomically } from '@judge-decoding/long-work';
import { type Machine, machineName } from './machine.ts';
import { isHeld, lockPart } from './part-lock.ts';
import { parseRow, type Row, rowKey } from './row.ts';
import type { RowSink } from './row-sink.ts';
import { checkSettings, parseSettings, type RunSettings, united } from './run-settings.ts';

/** All that a run left. */
export interface Results {
  readonly folder: string;
  readonly settings: RunSettings;
  /** By the names that rows give. */
  readonly machines: Readonly<Record<string, Machine>>;
  readonly rows: readonly Row[];
  /** What could not be read, a sentence each; the other rows are kept. */
  readonly broken: readonly string[];
}

/** A results folder that is being written. */
export interface OpenResults {
  readonly sink: RowSink;
  readonly settings: RunSettings;
  /** Adds a measurement of what passes cost on this machine to `args.json`. */
  addCosts(costs: Costs): Promise<void>;
  /** What could not be read of what was there: those rows are run again. */
  readonly broken: readonly string[];
  /** Lets others write this part. */
  close(): Promise<void>;
}

/** `runs.jsonl` for a whole run, `runs-2of8.jsonl` for a shard. */
const partName = (shard: { readonly part: number; readonly of: number } | undefined): string =>
  shard === undefined ? 'runs' : `runs-${shard.part + 1}of${shard.of}`;

const IS_PART = /^runs(-\d+of\d+)?\.jsonl$/;

/**
 * Opens a folder to go on writing to it: `args.json`, `env.json`, and a part of rows that nobody else
 * writes. A last line that a kill tore is removed; rows that are there are not run again.
 *
 * @throws JudgeDecodingError `io` where the folder cannot be made, `mismatch` where it holds a run of other
 * settings.
 */
export async function openResults({
  folder,
  settings,
  machine,
  shard,
}: {
  readonly folder: string;
  readonly settings: RunSettings;
  readonly machine: Machine;
  readonly shard?: { readonly part: number; readonly of: number };
}): Promise<OpenResults> {
  checkSettings(settings);
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new JudgeDecodingError('io', `Could not make the folder \`${folder}\`.`, { cause });
  });
  const part = join(folder, `${partName(shard)}.jsonl`);
  const lock = await lockPart(`${part}.lock`);
  try {
    await refuseOtherSplits(folder, shard);
    const merged = await inTurn(join(folder, 'args.lock'), async () => {
      const all = await unite(folder, settings);
      const machines = { ...(await readMachines(folder)), [machineName(machine)]: machine };
      await writeAtomically(join(folder, 'env.json'), json(machines));
      return all;
    });
    await removeTornLine(part);
    const { rows, broken } = await readParts(folder);
    const done = new Set(rows.map(rowKey));
    return {
      settings: merged,
      broken,
      close: () => lock.release(),
      addCosts: (costs) =>
        inTurn(join(folder, 'args.lock'), async () => {
          await unite(folder, { ...settings, costs: { [machineName(machine)]: [costs] } });
        }),
      sink: {
        has: (row) => done.has(rowKey(row)),
        async append(row) {
          // one write in append mode: a kill tears the last line at most
          await appendFile(part, `${JSON.stringify({ ...row, machine: machineName(machine) })}\n`);
          done.add(rowKey(row));
        },
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Brings settings into `args.json`, which only one process may do at a time. */
async function unite(folder: string, settings: RunSettings): Promise<RunSettings> {
  const path = join(folder, 'args.json');
  const before = await readIfThere(path);
  const all = before === undefined ? settings : united(parseSettings(before, path), settings, folder);
  await writeAtomically(path, json(all));
  return all;
}

/** Shards of one split share no problem; those of another may, and then two processes would write one row. */
async function refuseOtherSplits(
  folder: string,
  shard: { readonly part: number; readonly of: number } | undefined,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, of] = /^runs(?:-\d+of(\d+))?\.jsonl\.lock$/.exec(name) ?? [undefined, 'none'];
    if (of === 'none' || Number(of ?? 1) === (shard?.of ?? 1)) continue;
    if (!(await isHeld(join(folder, name)))) continue;
    throw new JudgeDecodingError(
      'busy',
      `\`${folder}\` is being written ${of === undefined ? 'as a whole' : `in ${of} parts`}, and not ${shard === undefined ? 'as a whole' : `in ${shard.of} parts`}: two processes would write the same rows. Wait for the others, or split as they do.`,
    );
  }
}

/** Short work on files that several processes change. */
async function inTurn<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  for (let waited = 0; ; waited += 100) {
    const lock = await lockPart(path).catch((error) => {
      if (JudgeDecodingError.is(error, 'busy') && waited < 60_000) return undefined;
      throw error;
    });
    if (lock === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }
}

/**
 * What a run has written, all its parts together; rows that cannot be read are named, not guessed.
 *
 * @throws JudgeDecodingError `not-found` where the folder holds no results, `invalid-file` where its settings are
 * damaged.
 */
export async function readResults(folder: string): Promise<Results> {
  const path = join(folder, 'args.json');
  const text = await readIfThere(path);
  if (text === undefined)
    throw new JudgeDecodingError(
      'not-found',
      `Expected results in \`${folder}\` (args.json and runs.jsonl), found none. \`judge eval --out ${folder}\` writes them.`,
    );
  const settings = parseSettings(text, path);
  return { folder, settings, machines: await readMachines(folder), ...(await readParts(folder)) };
}

async function readMachines(folder: string): Promise<Readonly<Record<string, Machine>>> {
  const path = join(folder, 'env.json');
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Readonly<Record<string, Machine>>;
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected JSON in \`${path}\`.`, { cause });
  }
}

/** Every part in the order of its name, every row once. A torn last line is a row that is still to come. */
async function readParts(folder: string): Promise<Pick<Results, 'rows' | 'broken'>> {
  const rows = new Map<string, Row>();
  const broken: string[] = [];
  for (const name of (await readdir(folder)).filter((one) => IS_PART.test(one)).sort()) {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8').catch((cause) => {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected a file of rows at \`${path}\`, and cannot read one.`,
        {
          cause,
        },
      );
    });
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length)
      broken.push(
        `${path} ends in the middle of a row: that row is left out, and run again when the run goes on.`,
      );
    for (const [index, line] of whole.split('\n').entries()) {
      if (line === '') continue;
      try {
        const row = parseRow(line, `${path}:${index + 1}`);
        if (!rows.has(rowKey(row))) rows.set(rowKey(row), row);
      } catch (error) {
        if (!JudgeDecodingError.is(error)) throw error;
        broken.push(`${error.message} The other rows are kept.`);
      }
    }
  }
  return { rows: [...rows.values()], broken };
}

async function removeTornLine(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return;
  await file.close();
  const bytes = await readFile(path);
  if (bytes.length === 0 || bytes.at(-1) === 10) return;
  await truncate(path, bytes.lastIndexOf(10) + 1);
}

/**
 * Shards that were run in folders of their own, as one: settings must agree, and of a row that several
 * have the first is taken. Rows keep the machine that they were run on.
 *
 * @throws JudgeDecodingError `invalid-input` without folders, `mismatch` where settings part or `into` holds
 * results.
 */
export async function mergeResults(into: string, folders: readonly string[]): Promise<Results> {
  const all = await Promise.all(folders.map(readResults));
  const [first, ...rest] = all;
  if (first === undefined)
    throw new JudgeDecodingError('invalid-input', 'Expected folders to merge, got none.');
  const settings = rest.reduce((sum, one) => united(sum, one.settings, one.folder), first.settings);
  const rows = new Map<string, Row>();
  for (const row of all.flatMap((one) => one.rows)) if (!rows.has(rowKey(row))) rows.set(rowKey(row), row);
  if ((await readIfThere(join(into, 'args.json'))) !== undefined)
    throw new JudgeDecodingError('mismatch', `\`${into}\` holds results already. Merge into a new folder.`);
  const machines = Object.assign({}, ...all.map((one) => one.machines)) as Results['machines'];
  await writeAtomically(
    join(into, 'runs.jsonl'),
    [...rows.values()].map((row) => `${JSON.stringify(row)}\n`).join(''),
  );
  await writeAtomically(join(into, 'env.json'), json(machines));
  await writeAtomically(join(into, 'args.json'), json(settings));
  return {
    folder: into,
    settings,
    machines,
    rows: [...rows.values()],
    broken: all.flatMap((one) => one.broken),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
