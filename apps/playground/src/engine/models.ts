import type { JudgeHead, Model, Placement, TokenId } from '@judge-decoding/core';
import type { PieceSource } from '@judge-decoding/trace';
import type { Device, PairPlace, Progress } from './protocol.ts';

/** What decoding asks of a tokenizer; `checkpoint`'s fits. */
export interface PageTokenizer extends PieceSource {
  readonly hasChatTemplate: boolean;
  encode(text: string, options?: { readonly begin?: boolean }): TokenId[];
  encodeChat(messages: readonly { readonly role: string; readonly content: string }[]): TokenId[];
  decode(ids: readonly TokenId[]): string;
}

/** A pair that is ready to decode. */
export interface Models {
  readonly target: Model;
  readonly draft?: Model;
  readonly tokenizer: PageTokenizer;
  readonly head?: JudgeHead;
  readonly threads: number;
  /** Where the draft runs, if that was measured. */
  readonly placement?: Placement;
  readonly adapter?: { readonly name: string; readonly software: boolean };
  /** What a trace calls their places. */
  readonly folders: { readonly target: string; readonly draft: string; readonly head: string };
}

/** Opens a pair; the page's own or, in tests, a made-up one. */
export type OpenModels = (options: {
  readonly place: PairPlace;
  readonly device: Device;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}) => Promise<Models>;
