import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os';
import { basename } from 'node:path';
import {
  complete,
  draftSession,
  exactMatch,
  JudgeDecodingError,
  type Model,
  rule,
  throwIfAborted,
} from '@judge-decoding/core';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { type Backends, chooseBackend } from '../pair/backends.ts';
import { cacheFolder, cannotKeep } from '../pair/cache-folder.ts';
import { modelFolder } from '../pair/model-folder.ts';
import { type OnOpening, sayOpening } from '../pair/say-opening.ts';
import { embeddedPair, isThere } from '../pocket/embedded-pair.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { seconds } from '../render/statistics.ts';
import { table } from '../render/table.ts';
import { padded, seenWidth } from '../render/width.ts';
import { hanging } from '../render/wrap.ts';
import { type Terminal, widthOf } from '../terminal.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import { checkContract } from './doctor-contract.ts';
import type { DoctorFlags, Finding } from './doctor-finding.ts';
import { speculationFinding } from './doctor-speculation.ts';

/** Looks at everything that a first run needs, and says what to do about what is missing. */
export function doctorCommand(flags: DoctorFlags, world: World): Promise<number> {
  return interruptible(world.terminal, (signal) => examine(flags, world, signal));
}

async function examine(flags: DoctorFlags, world: World, signal: AbortSignal): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.out, terminal.env, flags);
  const findings: Finding[] = [];
  const progress = progressLine(terminal, paintFor(terminal.err, terminal.env, flags));
  const found = (finding: Finding) => {
    progress.clear();
    throwIfAborted(signal);
    findings.push(finding);
    if (flags.json) return;
    const lines = findingLines(finding, paint, widthOf(terminal.out));
    terminal.out.write(`${lines.join('\n')}\n`);
  };
  for (const finding of machine()) found(finding);
  found(await cacheFinding(terminal));
  const target = await targetFolder(flags, terminal);
  found(
    target === undefined
      ? { what: 'pocket pair', state: 'bad', detail: 'missing: name a model with --target FOLDER' }
      : { what: flags.target === undefined ? 'pocket pair' : 'target', state: 'ok', detail: target },
  );
  const ofBackends = await backendFindings(world.backends, flags);
  for (const finding of ofBackends) found(finding);
  const chosen = `backend ${flags.backend}`;
  if (ofBackends.some(({ what, state }) => what === chosen && state === 'bad')) {
    // why is said once, and a model would be opened in vain
    found({ what: 'self-test', state: 'bad', detail: `not begun: see ${chosen} above` });
  } else if (target !== undefined) {
    const told: OnOpening = (what, done, total) => progress.show(what, done, total);
    const { finding, dtype } = await selfTest(flags, target, world, { signal, told });
    found(finding);
    if (finding.state === 'ok') found(await speculationFinding(flags, world, { signal, told }));
    if (flags.contract && dtype !== undefined) {
      await checkContract({ ...flags, dtype, folder: target }, world, found);
    }
  }
  if (flags.json) terminal.out.write(`${JSON.stringify(findings, null, 2)}\n`);
  return findings.some(({ state }) => state === 'bad') ? EXIT.file : EXIT.ok;
}

function findingLines(
  { what, state, detail, figures }: Finding,
  paint: Paint,
  width: number,
): readonly string[] {
  const mark = { ok: paint.green('ok  '), note: paint.yellow('note'), bad: paint.red('bad ') }[state];
  // what is found of a clause stands below its name where both do not fit
  const first = `${mark}  ${padded(what, what.includes('/') ? 36 : 14)}  `;
  const lines = hanging(first, detail, width, width < NARROW ? 6 : seenWidth(first));
  if (figures === undefined) return lines;
  const set = width < WIDE ? 6 : seenWidth(first);
  const rows = table(figures.columns, figures.rows, paint, width - set);
  return [...lines, ...rows.map((line) => ' '.repeat(set) + line)];
}

/** Columns below which what was found is set in by less than its name takes. */
const NARROW = 60;
/** Columns from which a table fits beside it. */
const WIDE = 70;

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function machine(): readonly Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return [
    { what: 'judge', state: 'ok', detail: version() },
    {
      what: 'node',
      state: recent ? 'ok' : 'bad',
      detail: recent
        ? process.versions.node
        : `${process.versions.node}, expected at least 20.19: update Node`,
    },
    { what: 'system', state: 'ok', detail: `${platform()} ${release()} ${arch()}` },
    {
      what: 'processor',
      state: 'ok',
      detail: `${cpus()[0]?.model.trim() || 'unknown'}, ${availableParallelism()} threads at once`,
    },
    { what: 'memory', state: 'ok', detail: `${gigabytes(freemem())} free of ${gigabytes(totalmem())}` },
  ];
}

async function cacheFinding({ env }: Terminal): Promise<Finding> {
  const what = 'cache folder';
  const { folder, fault } = await cacheFolder(env);
  return fault === undefined
    ? { what, state: 'ok', detail: `${folder} can be written` }
    : { what, state: 'bad', detail: cannotKeep(folder, fault) };
}

async function targetFolder({ target }: DoctorFlags, { env }: Terminal): Promise<string | undefined> {
  if (target !== undefined) return modelFolder(target, '--target', env);
  const pair = await embeddedPair(env);
  return isThere(pair) ? pair.target : undefined;
}

async function backendFindings(
  backends: Backends,
  { backend: chosen, device }: DoctorFlags,
): Promise<readonly Finding[]> {
  const found = Object.entries(backends).map(
    async ([name, { devices, look }]): Promise<readonly Finding[]> => {
      const isChosen = name === chosen;
      if (look !== undefined) {
        return look({ device: (isChosen ? device : undefined) ?? devices[0]!, chosen: isChosen });
      }
      return [{ what: `backend ${name}`, state: 'ok', detail: `devices: ${devices.join(', ')}` }];
    },
  );
  return (await Promise.all(found)).flat();
}

/** A model that drafts for itself must write what it writes alone and, where passes are exact, accept everything. */
async function selfTest(
  flags: DoctorFlags,
  folder: string,
  { backends, terminal }: World,
  { signal, told }: { readonly signal: AbortSignal; readonly told: OnOpening },
): Promise<{ readonly finding: Finding; readonly dtype?: string }> {
  const what = 'self-test';
  let model: Model | undefined;
  try {
    const entry = chooseBackend(backends, flags);
    const opening = sayOpening([basename(folder)], told);
    const start = terminal.now();
    model = await entry
      .open({
        folder,
        contextLength: 128,
        threads: flags.threads,
        dtype: flags.dtype,
        device: flags.device,
        // as a draft has it elsewhere
        exact: flags.exact ?? 'quantised',
        cacheFolder: defaultCacheFolder(terminal.env),
        signal,
        onProgress: (done, total) => opening.onProgress(entry.opening(basename(folder)), done, total),
      })
      .finally(opening.end);
    const opened = terminal.now() - start;
    const prompt = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => id % model!.info.vocabSize);
    const plain = await complete({
      model: model.info,
      target: await model.openSession(),
      prompt,
      maxTokens: 24,
    });
    const speculative = await complete({
      model: model.info,
      target: await model.openSession(),
      prompt,
      maxTokens: 24,
      draft: draftSession(model, await model.openSession()),
      draftLength: 5,
      rule: rule(exactMatch()),
    });
    const { dtype, exact } = model.info;
    const parted = plain.tokens.findIndex((id, i) => id !== speculative.tokens[i]);
    if (parted >= 0 && exact !== true && dtype !== 'fp32') {
      const detail = `passes of few bits (${dtype}) that are not exact: strict decoding left plain decoding’s text at token ${parted + 1}, as it can at a near tie`;
      return { finding: { what, state: 'note', detail }, dtype };
    }
    const wrong =
      parted >= 0
        ? 'strict decoding wrote another text than plain decoding'
        : exact === true && speculative.stats.recovered > 0
          ? 'strict decoding refused what the same model had drafted'
          : undefined;
    const detail =
      wrong === undefined
        ? `strict decoding writes what plain decoding writes (${dtype}); opened in ${seconds(opened)}`
        : `${wrong} (${dtype}): please report it`;
    return { finding: { what, state: wrong === undefined ? 'ok' : 'bad', detail }, dtype };
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted')) throw error;
    return { finding: { what, state: 'bad', detail: (error as Error).message } };
  } finally {
    await model?.dispose();
  }
}
