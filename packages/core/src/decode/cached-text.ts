import type { Session, TokenId } from '../backend.ts';
import { JudgeDecodingError } from '../errors.ts';
import type { AbortSignalLike } from './abort.ts';
import { throwIfAborted } from './abort.ts';

/** A session together with the tokens in its cache, so that any text can be continued from what is there. */
export interface CachedText {
  readonly session: Session;
  /** The tokens in the cache. */
  readonly tokens: readonly TokenId[];
  /**
   * Cuts the cache back to what it shares with `text` and returns the tokens behind that, for a pass to
   * read. The last token is always among them: it must be read to say what follows.
   */
  rest(text: readonly TokenId[]): readonly TokenId[];
  /** As `rest`, and feeds all of it but the last token, in chunks. */
  follow(text: readonly TokenId[], chunk: number, signal?: AbortSignalLike): Promise<void>;
  /** Notes tokens that a pass has just fed. */
  fed(tokens: readonly TokenId[]): void;
  /** Forgets all after the first `length` tokens. */
  truncate(length: number): void;
}

/** Takes over an empty session: from here on only this object may move its cache. */
export function cachedText(session: Session): CachedText {
  if (session.length !== 0) {
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected an empty session, got one that holds ${session.length} tokens. Truncate it to 0, or pass the \`cachedText\` that filled it.`,
    );
  }
  const tokens: TokenId[] = [];
  const truncate = (length: number) => {
    if (length >= tokens.length) return;
    session.truncate(length);
    tokens.length = length;
  };
  const rest = (text: readonly TokenId[]) => {
    let shared = 0;
    const most = Math.min(tokens.length, text.length - 1);
    while (shared < most && tokens[shared] === text[shared]) shared++;
    truncate(shared);
    return text.slice(shared);
  };
  return {
    session,
    tokens,
    truncate,
    fed: (more) => {
      tokens.push(...more);
    },
    rest,
    async follow(text, chunk, signal) {
      const unread = rest(text).slice(0, -1);
      for (let start = 0; start < unread.length; start += chunk) {
        throwIfAborted(signal);
        const part = unread.slice(start, start + chunk);
        await session.forward(part, {});
        tokens.push(...part);
      }
    },
  };
}
