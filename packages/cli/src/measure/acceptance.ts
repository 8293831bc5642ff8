import { readFile } from 'node:fs/promises';
import { type Acceptance, JudgeDecodingError, parseAcceptanceProfile } from '@judge-decoding/core';
import type { RunFlags } from '../options/run-flags.ts';

/** What --synthetic-acceptance says: a word that was read already, or a file with a profile. */
export async function acceptanceOf(given: RunFlags['syntheticAcceptance']): Promise<Acceptance | undefined> {
  if (typeof given !== 'string') return given;
  const text = await readFile(given, 'utf8').catch((cause) => {
    throw new JudgeDecodingError(
      'not-found',
      `Expected --synthetic-acceptance to be a rate (0.8), a length (length:19) or a file with a profile, got ${given}.`,
      { cause },
    );
  });
  return parseAcceptanceProfile(text, given);
}

/** Tokens drafted a round where nothing says how many, and the most that an assumed length makes of it. */
const DRAFT_LENGTH = { usual: 16, most: 63 };
/** The paper's proportion, in which a round of an assumed length is measured. */
const PAPER = { drafted: 25, accepted: 19 };

/** Tokens drafted a round where no flag says how many: of fewer than an assumed length, that many could not be accepted. */
export function draftLengthFor(acceptance: Acceptance | undefined): number {
  if (acceptance?.kind !== 'length') return DRAFT_LENGTH.usual;
  const inProportion = Math.ceil((acceptance.length * PAPER.drafted) / PAPER.accepted);
  return Math.min(DRAFT_LENGTH.most, Math.max(DRAFT_LENGTH.usual, inProportion));
}
