import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { headFor, JudgeDecodingError, type TokenId, writeHead } from '@judge-decoding/core';
import { unreadable } from '@judge-decoding/long-work';
import {
  MAX_TRACE_BYTES,
  makeTrace,
  parseTrace,
  type Trace,
  type TracedRound,
  tracedModel,
} from '@judge-decoding/trace';
import type { Setup } from '../run/setup.ts';

export function traceOf(
  { pair, verification, head, sampling, seed, stop, maxTokens }: Setup,
  { finish, text }: { readonly finish: string; readonly text: string },
  prompt: readonly TokenId[],
  rounds: readonly TracedRound[],
): Trace {
  const { target, draft } = pair;
  return makeTrace(
    {
      target: tracedModel(target.folder, target.model.info),
      draft: typeof draft === 'string' ? draft : tracedModel(draft.folder, draft.model.info),
      backend: pair.backend,
      threads: pair.threads ?? 'auto',
      prefill: pair.prefill,
      verify: verification.spec,
      ...(head
        ? {
            head: {
              file: verification.head ?? pair.embedded?.head ?? '',
              sha256: createHash('sha256').update(writeHead(head)).digest('hex'),
              threshold: headFor(head, target.model.info).threshold,
            },
          }
        : {}),
      sampling,
      seed,
      stop,
      guards: verification.guards,
      ...(maxTokens === undefined ? {} : { maxTokens }),
      prompt,
      rounds,
      finish,
      text,
    },
    target.tokenizer,
  );
}

/** Reads what a `TraceSink` wrote. */
export async function readTrace(path: string): Promise<Trace> {
  let json: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_TRACE_BYTES) {
      throw new JudgeDecodingError(
        'invalid-file',
        `${path} is no trace of judge decoding: it has ${size} bytes, at most ${MAX_TRACE_BYTES} are read.`,
      );
    }
    json = await readFile(path, 'utf8');
  } catch (cause) {
    if (JudgeDecodingError.is(cause)) throw cause;
    throw unreadable(path, 'a trace', cause, '`judge generate --trace FILE` writes one.');
  }
  return parseTrace(json, path);
}
