import type {
  ForwardOutputs,
  OutputRequest,
  Proposed,
  ProposeRequest,
  ReadBacks,
  TokenId,
} from '@judge-decoding/core';

/** What a session does with its cache, wherever that is; arguments have been checked, and a pass is a chunk at most. */
export interface Passes {
  /** Rows of the cache that count. */
  length: number;
  /** As `Session.expectEnd` was told: nothing is run ahead from there on. */
  end?: number;
  /** As `Session.readBacks`. */
  readonly readBacks?: ReadBacks;
  /** Reads `tokens` and returns what is asked for; `nexts` are the tokens that follow the first rows. */
  forward(
    tokens: readonly TokenId[],
    nexts: readonly TokenId[],
    request: OutputRequest,
  ): Promise<Partial<ForwardOutputs>>;
  propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed>;
  /** Gives the cache's memory back. */
  free(): void;
}
