import type {
  ForwardOutputs,
  Model,
  ModelInfo,
  OutputName,
  OutputRequest,
  Outputs,
  Pass,
  Session,
  TokenId,
} from '../backend.ts';
import { JudgeDecodingError } from '../errors.ts';
import { type CheckedSession, checkedSession, exactly, type SessionCore } from './checked-session.ts';

/** What one session reads in a pass over several. */
export interface CorePass<Core extends SessionCore> {
  readonly core: Core;
  readonly tokens: readonly TokenId[];
  /** Tokens of the cache that count. */
  readonly length: number;
}

/** What a backend does itself for one model. */
export interface ModelCore<Core extends SessionCore = SessionCore> {
  readonly info: ModelInfo;
  /** Outputs that its sessions can return; all by default. */
  readonly outputs?: readonly OutputName[];
  openSession(): Promise<Core> | Core;
  /** Runs several sessions in one pass; without it they are run one after another. */
  forward?(
    passes: readonly CorePass<Core>[],
    request: OutputRequest,
  ): Promise<readonly Partial<ForwardOutputs>[]>;
  /** Frees the weights, and the caches of the sessions that were still alive; without it those dispose of themselves. */
  dispose?(alive: readonly Core[]): Promise<void> | void;
}

/**
 * A `Model` over what a backend does itself: its sessions are `checkedSession`s, a pass over several is
 * all or nothing, and nothing works after the disposal.
 */
export function checkedModel<Core extends SessionCore>(core: ModelCore<Core>): Model {
  const { info, outputs } = core;
  const alive = new Set<CheckedSession<Core>>();
  /** Those that were disposed, too: they are refused as such, not as strangers. */
  const ours = new WeakSet<Session>();
  let disposing: Promise<void> | undefined;

  const live = () => {
    if (disposing === undefined) return;
    throw new JudgeDecodingError(
      'disposed',
      `Expected a live model, got ${info.name} after its disposal. Open it again.`,
    );
  };
  const end = async () => {
    const left = [...alive];
    for (const session of left) session.end();
    alive.clear();
    const cores = left.map((session) => session.core);
    if (core.dispose !== undefined) await core.dispose(cores);
    else for (const each of cores) await each.dispose?.();
  };

  return {
    info,
    async openSession() {
      live();
      const opened = await core.openSession();
      if (disposing !== undefined) {
        await opened.dispose?.();
        live();
      }
      const session: CheckedSession<Core> = checkedSession(opened, {
        info,
        ...(outputs === undefined ? {} : { outputs }),
        onDispose: () => alive.delete(session),
      });
      alive.add(session);
      ours.add(session);
      return session;
    },
    async forward<const Request extends OutputRequest>(
      passes: readonly Pass[],
      request: Request,
    ): Promise<readonly Outputs<Request>[]> {
      live();
      const taken: CheckedSession<Core>[] = [];
      try {
        // everything is checked, and every session taken, before the first one moves
        for (const { session, tokens } of passes) {
          if (!ours.has(session)) {
            throw new JudgeDecodingError(
              'invalid-input',
              `Expected sessions of ${info.name} only, got another model's. Run each model's sessions through that model.`,
            );
          }
          const checked = session as CheckedSession<Core>;
          checked.take();
          taken.push(checked);
          checked.check(tokens, request);
        }
        await null;
        const corePasses = passes.map(({ tokens }, index) => ({
          core: taken[index]!.core,
          tokens,
          length: taken[index]!.length,
        }));
        const results = await (core.forward?.(corePasses, request) ?? oneAfterAnother(corePasses, request));
        const exact = results.map((result) => exactly(request, result, info));
        for (const [index, session] of taken.entries()) session.grow(passes[index]!.tokens.length);
        return exact;
      } finally {
        for (const session of taken) session.release();
      }
    },
    dispose() {
      disposing ??= end();
      return disposing;
    },
  };
}

async function oneAfterAnother<Core extends SessionCore>(
  passes: readonly CorePass<Core>[],
  request: OutputRequest,
): Promise<readonly Partial<ForwardOutputs>[]> {
  const results: Partial<ForwardOutputs>[] = [];
  for (const { core, tokens, length } of passes) results.push(await core.forward(tokens, request, length));
  return results;
}
