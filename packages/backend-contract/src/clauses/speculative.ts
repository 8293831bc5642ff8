import { complete, draftSession, generate, type RoundResult, type TokenId } from '@judge-decoding/core';
import type { Clause, ClauseContext } from '../clause.ts';
import { ensure, ensureSame } from '../ensure.ts';
import {
  type EvidenceRow,
  ensureSameFavourite,
  ensureSameRows,
  evidence,
  freshEvidence,
  inPassesOf,
} from '../evidence.ts';
import { spoiledDraft } from '../spoiled-draft.ts';

const TEXTS = 8;
const LENGTH = 24;
const PROMPT = 6;

/** The whole loop of core on the backend: what rounds commit, and what they leave behind. */
export const speculativeClauses: readonly Clause[] = [
  {
    id: 'speculative/equals-plain',
    promise: 'with exact match, the text drafted and verified is the text decoded token by token',
    needs: ['argmax'],
    async run(context) {
      let accepted = 0;
      let recovered = 0;
      let excused = 0;
      const texts = context.times(TEXTS, TEXTS / 2);
      for (let index = 0; index < texts; index++) {
        const prompt = context.tokens(PROMPT);
        const plain = await decode(context, prompt);
        const draft = spoiledDraft(context, [...prompt, ...plain]);
        const target = await context.openSession();
        const { model } = context;
        const { tokens, stats } = await complete({
          model: model.info,
          target,
          prompt,
          draft,
          maxTokens: LENGTH,
        });
        accepted += stats.accepted;
        recovered += stats.recovered;
        if (!(await sameText(context, prompt, tokens, plain, `text ${index}`))) excused += 1;
      }
      ensure(
        accepted > 0 && recovered > 0,
        `expected accepted and rejected drafts, got ${accepted} and ${recovered}`,
      );
      ensure(
        excused <= 1,
        `${excused} of ${texts} texts differ at a near tie, which is too many to be excused`,
      );
    },
  },
  {
    id: 'speculative/self-draft',
    promise: 'a model that drafts for itself has all of its draft accepted',
    needs: ['argmax'],
    async run(context) {
      const { model } = context;
      for (const draftLength of context.cases([9, 4, 1])) {
        const prompt = context.tokens(PROMPT);
        const draft = draftSession(model, await context.openSession());
        const target = await context.openSession();
        const options = { model: model.info, target, draft, prompt, draftLength, maxTokens: LENGTH };
        let drafted = 0;
        for await (const result of generate(options)) {
          drafted += result.round.draft.length;
          await ensureAllAccepted(context, result, draftLength);
        }
        ensure(drafted > 0, 'expected drafted tokens, got none');
      }
    },
  },
  {
    id: 'speculative/rollback',
    promise: 'after every round the cache holds the committed text, and goes on as a fresh session does',
    needs: ['argmax'],
    async run(context) {
      const { model } = context;
      let rolledBack = 0;
      for (const maxTokens of context.cases([9, 3, LENGTH])) {
        const prompt = context.tokens(PROMPT);
        const plain = await decode(context, prompt, maxTokens);
        const draft = spoiledDraft(context, [...prompt, ...plain]);
        const target = await context.openSession();
        let text = [...prompt];
        for await (const { tokens, round } of generate({
          model: model.info,
          target,
          prompt,
          draft,
          maxTokens,
        })) {
          text = [...text, ...tokens.map(({ id }) => id)];
          ensureSame(target.length, text.length - 1, 'length after a round');
          if (tokens.length <= round.draft.length) rolledBack += 1;
        }
        // Three tokens or more: rows that were not overwritten are read from the second one on.
        const after = context.tokens(5);
        const rows = await evidence(context, target, after, 1);
        const fresh = await freshEvidence(context, text.slice(0, -1), ...inPassesOf(1, after));
        ensureSameRows(context, rows, fresh.slice(text.length - 1), `after ${text.length - PROMPT} tokens`);
      }
      ensure(rolledBack > 0, 'expected rounds that roll back, got none');
    },
  },
];

/** Plain decoding, one row at a time. */
async function decode(
  { model, openSession }: ClauseContext,
  prompt: readonly TokenId[],
  maxTokens = LENGTH,
): Promise<readonly TokenId[]> {
  const target = await openSession();
  const { tokens } = await complete({ model: model.info, target, prompt, maxTokens });
  await target.dispose();
  return tokens;
}

/** False where the texts part at an excused near tie, after which they have nothing in common. */
async function sameText(
  context: ClauseContext,
  prompt: readonly TokenId[],
  tokens: readonly TokenId[],
  plain: readonly TokenId[],
  what: string,
): Promise<boolean> {
  const parted = plain.findIndex((token, index) => token !== tokens[index]);
  if (parted < 0) {
    ensureSame(tokens.length, plain.length, `length of ${what}`);
    return true;
  }
  ensure(parted < tokens.length, `${what}: expected ${plain.length} tokens, got ${tokens.length}`);
  const row = await rowAfter(context, [...prompt, ...plain.slice(0, parted)]);
  ensureSame(row.argmax, plain[parted], `token ${parted} of ${what}, decoded token by token`);
  ensureSameFavourite(context, tokens[parted]!, row, `token ${parted} of ${what}`);
  return false;
}

/** What one-row passes say is next. */
async function rowAfter(context: ClauseContext, text: readonly TokenId[]): Promise<EvidenceRow> {
  const rows = await freshEvidence(context, ...inPassesOf(1, text));
  return rows.at(-1)!;
}

async function ensureAllAccepted(
  context: ClauseContext,
  { tokens, round }: RoundResult,
  draftLength: number,
): Promise<void> {
  const rejected = tokens.findIndex(({ source }) => source === 'recovered');
  if (rejected < 0) return;
  const row = await rowAfter(context, [...round.text, ...round.draft.slice(0, rejected)]);
  const where = `draft of ${draftLength} after ${round.text.length} tokens, token ${rejected}`;
  ensureSameFavourite(context, round.draft[rejected]!, row, where);
  ensureSameFavourite(context, tokens[rejected]!.id, row, where);
}
