import { JudgeDecodingError } from '@judge-decoding/core';
import type { Arm, OutsideDecoder, OutsideProgram } from '@judge-decoding/eval';
import { badFlag } from '../options/flag-value.ts';
import { exportOf } from '../options/module-flag.ts';
import type { RunFlags } from '../options/run-flags.ts';
import { cacheFolder } from '../pair/cache-folder.ts';
import { modelFolder } from '../pair/model-folder.ts';
import { requireEmbeddedPair } from '../pocket/embedded-pair.ts';
import type { Progress } from '../render/progress.ts';
import type { World } from '../world.ts';
import type { RunPair } from './open-run-pair.ts';

/** What --anchors brings: programs of others, which decode greedily and nothing else. */
export async function outsidePrograms(flags: RunFlags): Promise<readonly OutsideProgram[]> {
  if (flags.anchors === undefined) return [];
  if ((flags.temperature ?? 0) > 0)
    throw badFlag('--anchors', 'without a temperature: programs of others decode greedily here', '');
  const exported = await exportOf(flags.anchors, '--anchors', 'programs');
  const programs = Array.isArray(exported) ? (exported as readonly Partial<OutsideProgram>[]) : [];
  const sound = programs.every(({ name, open }) => typeof name === 'string' && typeof open === 'function');
  if (programs.length > 0 && sound) return programs as readonly OutsideProgram[];
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected ${flags.anchors} to export a list of programs with \`name\` and \`open\`.`,
  );
}

interface Work {
  readonly flags: RunFlags;
  readonly world: World;
  readonly pair: RunPair;
  readonly arms: readonly Arm[];
  readonly outside: readonly OutsideProgram[];
  readonly progress: Progress;
}

/** Opens those that an arm asks for, one after another. */
export async function openOutside({ flags, world, pair, arms, outside, progress }: Work): Promise<{
  readonly byName: Readonly<Record<string, OutsideDecoder>>;
  dispose(): Promise<void>;
}> {
  const byName: Record<string, OutsideDecoder> = {};
  const dispose = async () => {
    await Promise.all(Object.values(byName).map((each) => each.dispose()));
  };
  const asked = outside.filter(({ name }) =>
    arms.some((arm) => arm.decode === 'outside' && arm.program === name),
  );
  if (asked.length === 0) return { byName, dispose };
  const { env } = world.terminal;
  const folderOf = (named: string | undefined, flag: string) =>
    named === undefined || named === 'ngram' ? undefined : modelFolder(named, flag, env);
  const own = flags.target === undefined ? await requireEmbeddedPair(env) : undefined;
  const { folder } = await cacheFolder(env);
  const { endTokens, contextLength } = pair.target.info;
  try {
    for (const { name, open } of asked) {
      progress.say(`opening ${name} …`);
      const opened = open({
        target: own?.target ?? folderOf(flags.target, '--target')!,
        draft: own?.draft ?? folderOf(flags.draft, '--draft'),
        threads: flags.threads,
        contextLength,
        endTokens,
        cacheFolder: folder,
      });
      byName[name] = await opened.catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new JudgeDecodingError('unsupported', `${name} cannot be opened: ${why}`, { cause });
      });
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { byName, dispose };
}
