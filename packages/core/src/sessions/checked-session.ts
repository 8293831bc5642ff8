import type {
  ForwardOutputs,
  ModelInfo,
  OutputName,
  OutputRequest,
  Outputs,
  Proposed,
  ProposeRequest,
  ReadBacks,
  Session,
  TokenId,
  Verified,
  VerifyRequest,
} from '../backend.ts';
import { JudgeDecodingError } from '../errors.ts';
import { checkLength, checkOutputs, checkPropose, checkTokens, checkVerify, OUTPUT_NAMES } from './checks.ts';
import { proposeByForward } from './propose-by-forward.ts';
import { WorkPermit } from './work-permit.ts';

/**
 * What a backend does itself for one session. Its arguments are checked, calls come one at a time, and
 * how much of the cache counts is said each time: what lies behind the first `length` tokens is
 * forgotten, and overwritten by what is read next. Where a call fails, the session is as before.
 */
export interface SessionCore {
  /** As `Session.readBacks`. */
  readonly readBacks?: ReadBacks | undefined;
  /** Reads `tokens` behind the first `length`, and returns exactly what `request` asks for. */
  forward(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> | Partial<ForwardOutputs>;
  /** As `Session.propose`; without it drafts are made of passes (`proposeByForward`). */
  propose?(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> | Proposed;
  /** Whether `propose` looks at `leastProbability`; where it does not, drafts that ask for it are made of passes. */
  readonly endsUnlikely?: boolean;
  /** As `Session.expectEnd`; sessions have it where this is there. */
  expectEnd?(length: number): void;
  /** As `Session.verify`; sessions have it where this is there. */
  verify?(tokens: readonly TokenId[], request: VerifyRequest, length: number): Promise<Verified> | Verified;
  /** Frees the cache; called once, and nothing after it. */
  dispose?(): Promise<void> | void;
}

/** A session that keeps the promises which are the same for every backend. */
export interface CheckedSession<Core extends SessionCore = SessionCore> extends Session {
  readonly core: Core;
  /** For passes over several sessions: takes the session for one call, until `release`. */
  take(): void;
  release(): void;
  /** Refuses what a pass could not do, before anything moves. */
  check(tokens: readonly TokenId[], request: OutputRequest): void;
  /** Notes that a pass over several sessions has read so many tokens into this one. */
  grow(tokens: number): void;
  /** Refuses all calls from now on; false where that was so before. The cache is not freed. */
  end(): boolean;
}

export interface CheckedSessionOptions {
  readonly info: ModelInfo;
  /** Outputs that are offered; all by default. */
  readonly outputs?: readonly OutputName[];
  /** Told once, when the session is disposed. */
  readonly onDispose?: () => void;
}

/**
 * A `Session` over what a backend does itself. Here are the length, one call at a time (`busy`), the
 * end (`disposed`), and every refusal of a bad argument; `truncate` only changes the length.
 */
export function checkedSession<Core extends SessionCore>(
  core: Core,
  { info, outputs: offered = OUTPUT_NAMES, onDispose }: CheckedSessionOptions,
): CheckedSession<Core> {
  const permit = new WorkPermit();
  let length = 0;
  const check = (tokens: readonly TokenId[], request: OutputRequest) => {
    checkTokens(tokens, length, info);
    checkOutputs(request, info, offered);
  };
  /** One call, alone; a device answers later, so an overlapping call has the time to be refused. */
  const alone = async <Result>(checks: () => void, work: () => Promise<Result>): Promise<Result> => {
    permit.take();
    try {
      checks();
      await null;
      return await work();
    } finally {
      permit.release();
    }
  };
  return {
    core,
    check,
    get length() {
      return length;
    },
    get readBacks() {
      return core.readBacks;
    },
    forward: <const Request extends OutputRequest>(tokens: readonly TokenId[], request: Request) =>
      alone(
        () => check(tokens, request),
        async () => {
          const outputs = exactly(request, await core.forward(tokens, request, length), info);
          length += tokens.length;
          return outputs;
        },
      ),
    propose: (tokens, request) =>
      alone(
        () => {
          checkTokens(tokens, length, info);
          checkPropose(request);
        },
        async () => {
          const own = request.leastProbability === undefined || core.endsUnlikely === true;
          const proposed = await ((own ? core.propose?.(tokens, request, length) : undefined) ??
            drafted(tokens, request));
          length += tokens.length + proposed.tokens.length - 1;
          return proposed;
        },
      ),
    ...(core.verify === undefined
      ? {}
      : {
          verify: (tokens: readonly TokenId[], request: VerifyRequest) =>
            alone(
              () => {
                check(tokens, request.outputs);
                checkVerify(tokens, request, info);
              },
              async () => {
                const verified = await core.verify!(tokens, request, length);
                const outputs = exactly(request.outputs, verified.outputs, info);
                length += tokens.length;
                return { ...verified, outputs };
              },
            ),
        }),
    ...(core.expectEnd === undefined ? {} : { expectEnd: (at: number) => core.expectEnd!(at) }),
    truncate(to) {
      permit.take();
      permit.release();
      checkLength(to, length);
      length = to;
    },
    async dispose() {
      if (!permit.end()) return;
      onDispose?.();
      await core.dispose?.();
    },
    take: () => permit.take(),
    release: () => permit.release(),
    grow(tokens) {
      length += tokens;
    },
    end: () => permit.end(),
  };

  function drafted(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    let read = length;
    const steps = {
      info,
      length,
      async forward(part: readonly TokenId[], asked: OutputRequest) {
        const outputs = await core.forward(part, asked, read);
        read += part.length;
        return outputs;
      },
    };
    return proposeByForward(steps, tokens, request);
  }
}

/** What was asked for and nothing else; a backend that forgets one is told so. */
export function exactly<const Request extends OutputRequest>(
  request: Request,
  outputs: Partial<ForwardOutputs>,
  { name }: Pick<ModelInfo, 'name'>,
): Outputs<Request> {
  const asked = (Object.keys(request) as OutputName[]).filter((output) => request[output] !== undefined);
  const missing = asked.find((output) => outputs[output] === undefined);
  if (missing !== undefined) {
    throw new JudgeDecodingError(
      'device',
      `Expected the backend of ${name} to return \`${missing}\`, got ${Object.keys(outputs).join(', ') || 'nothing'}. It offers what it does not give: take it out of the backend's outputs.`,
    );
  }
  return Object.fromEntries(asked.map((output) => [output, outputs[output]])) as Outputs<Request>;
}
