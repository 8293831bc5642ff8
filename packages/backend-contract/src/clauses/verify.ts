import {
  type ForwardOutputs,
  hostDistributions,
  type KeptDistributions,
  type OutputRequest,
  type SamplingOptions,
  type Session,
  type TokenId,
  type Verified,
  type VerifyLaw,
  type VerifyRequest,
  verifyByForward,
} from '@judge-decoding/core';
import type { Clause, ClauseContext } from '../clause.ts';
import { ensure, ensureClose, ensureRejects, ensureSame } from '../ensure.ts';
import { ensureSameRows, evidence, freshEvidence } from '../evidence.ts';
import { BAD_CALL } from '../refusals.ts';
import { randomTerm } from '../requests.ts';
import { SAMPLINGS } from './propose.ts';

const DRAFTED = 6;
const SAMPLED: readonly VerifyLaw[] = [
  { kind: 'speculative', lenience: 1 },
  { kind: 'speculative', lenience: 0.5 },
  { kind: 'block' },
];

/** Rounds that the device decides, against core's bases on the logits of the same pass. */
export const verifyClauses: readonly Clause[] = [
  {
    id: 'verify/equals-core',
    promise:
      'a round that the device decides is what core decides on the same logits with the same uniform numbers',
    needs: ['logits'],
    call: 'verify',
    async run(context) {
      const bias: SamplingOptions = {
        temperature: 0.9,
        logitBias: [[1, 2]],
        banned: context.tokens(1),
        topP: 0.95,
        minP: 0.001,
      };
      for (const options of [...SAMPLINGS, bias]) {
        const laws: readonly VerifyLaw[] = options.temperature === 0 ? [{ kind: 'exact' }] : SAMPLED;
        for (const law of laws) {
          for (const certain of [false, true]) await ensureDecidedByCore(context, law, options, certain);
        }
      }
    },
  },
  {
    id: 'verify/kept',
    promise: 'distributions that a draft kept decide as those that it returns, and are the same numbers',
    needs: ['logits'],
    call: 'verify',
    async run(context) {
      for (const options of SAMPLINGS.filter(({ temperature }) => temperature > 0)) {
        const { text, sampling, drafted, kept } = await draftOf(context, options);
        const again = await context.openSession();
        const returned = await again.propose(text, { count: DRAFTED, sampling });
        ensureSame(drafted, returned.tokens, 'tokens of the draft that keeps its distributions');
        ensure(returned.probs !== undefined, 'probs: expected them where nothing is to be kept');
        const shown = JSON.stringify(options);
        ensureClose(await kept.probs(), returned.probs, 0, `kept distributions under ${shown}`);
        const request = roundOf(context, text, drafted, SAMPLED[0]!, options);
        const here = await decided(context, text, drafted, { ...request, draft: kept });
        const given = hostDistributions(returned.probs, drafted.length);
        const there = await decided(context, text, drafted, { ...request, draft: given });
        ensureSameDecisions(here, there, `kept and returned distributions under ${shown}`);
      }
    },
  },
  {
    id: 'verify/feeds',
    promise: 'reads its tokens as a forward does, returns exactly what was asked for, and is forgotten alike',
    needs: ['argmax', 'judge'],
    call: 'verify',
    async run(context) {
      const [text, draft, after] = [context.tokens(5), context.tokens(4), context.tokens(3)];
      const options: SamplingOptions = { temperature: 1 };
      const judge = [randomTerm(context, 'pre-norm', 'own')];
      for (const outputs of [{}, { argmax: true }, { judge, argmax: true }] satisfies OutputRequest[]) {
        const session = await primed(context, text);
        const request = roundOf(context, text, draft, SAMPLED[0]!, options);
        const fed = [text.at(-1)!, ...draft];
        const verified = await session.verify!(fed, { ...request, outputs });
        ensureSame(Object.keys(verified.outputs).sort(), Object.keys(outputs).sort(), 'names of outputs');
        ensureSame(session.length, text.length + draft.length, 'length');
        const other = await primed(context, text);
        const plain: Partial<ForwardOutputs> = await other.forward(fed, outputs);
        for (const name of ['argmax', 'judge'] as const) {
          if (plain[name] !== undefined)
            ensureClose(verified.outputs[name]!, plain[name], context.tolerance.close, name);
        }
        session.truncate(text.length + 2);
        const rows = await evidence(context, session, after);
        const read = [...text, ...draft.slice(0, 2)];
        const fresh = await freshEvidence(context, read, after);
        ensureSameRows(context, rows, fresh.slice(read.length), 'rows after a decided round');
      }
    },
  },
  {
    id: 'verify/refused',
    promise: 'refuses a round that cannot be decided, and the session is as before',
    needs: ['argmax'],
    call: 'verify',
    async run(context) {
      const { vocabSize } = context.model.info;
      const [text, draft] = [context.tokens(4), context.tokens(3)];
      const session = await primed(context, text);
      const sound = roundOf(context, text, draft, SAMPLED[0]!, { temperature: 1 });
      const few = { ...sound.uniforms, accept: new Float64Array(2) };
      const fed = [text.at(-1)!, ...draft];
      const calls: readonly (readonly [string, readonly TokenId[], VerifyRequest])[] = [
        ['no tokens', [], sound],
        ['a token outside the vocabulary', [text.at(-1)!, vocabSize], sound],
        [
          'a history of another text',
          fed,
          { ...sound, history: [...text, ...draft, (text.at(-1)! + 1) % vocabSize] },
        ],
        ['too few uniforms', fed, { ...sound, uniforms: few }],
        ['sampling at temperature 0', fed, { ...sound, options: { temperature: 0 } }],
        ['a lenience of 0', fed, { ...sound, law: { kind: 'speculative', lenience: 0 } }],
        [
          'too few distributions',
          fed,
          { ...sound, draft: hostDistributions(new Float64Array(vocabSize), 1) },
        ],
      ];
      for (const [what, tokens, request] of calls) {
        await ensureRejects(() => session.verify!(tokens, request), BAD_CALL, what);
        ensureSame(session.length, text.length - 1, `length after ${what}`);
      }
    },
  },
];

/** A session that has read a text but its last token. */
async function primed(context: ClauseContext, text: readonly TokenId[]): Promise<Session> {
  const session = await context.openSession();
  await session.forward(text.slice(0, -1), {});
  return session;
}

/** A sampled draft whose distributions stay where they are. */
async function draftOf(context: ClauseContext, options: SamplingOptions) {
  const text = context.tokens(5);
  const uniforms = Float64Array.from({ length: DRAFTED }, () => context.uniform());
  const sampling = { options, history: text, uniforms };
  const session = await context.openSession();
  const { tokens: drafted, kept } = await session.propose(text, {
    count: DRAFTED,
    sampling: { ...sampling, keep: true },
  });
  ensure(kept !== undefined, 'kept: expected the distributions of a draft that may keep them');
  ensureSame(kept.rows, drafted.length, 'rows of the kept distributions');
  return { text, sampling, drafted, kept };
}

function roundOf(
  context: ClauseContext,
  text: readonly TokenId[],
  drafted: readonly TokenId[],
  law: VerifyLaw,
  options: SamplingOptions,
): VerifyRequest {
  const numbers = () => Float64Array.from(drafted, () => context.uniform());
  return {
    ...{ law, options, history: text, outputs: {} },
    uniforms: { accept: numbers(), recovered: numbers(), bonus: context.uniform() },
  };
}

async function decided(
  context: ClauseContext,
  text: readonly TokenId[],
  drafted: readonly TokenId[],
  request: VerifyRequest,
): Promise<Verified> {
  const session = await primed(context, text);
  return session.verify!([text.at(-1)!, ...drafted], request);
}

async function ensureDecidedByCore(
  context: ClauseContext,
  law: VerifyLaw,
  options: SamplingOptions,
  certain: boolean,
): Promise<void> {
  const shown = `${JSON.stringify(law)} under ${JSON.stringify(options)}${certain ? ', of a certain draft' : ''}`;
  let [text, drafted]: [readonly TokenId[], readonly TokenId[]] = [
    context.tokens(5),
    context.tokens(DRAFTED),
  ];
  let kept: KeptDistributions | undefined;
  if (options.temperature > 0 && !certain) {
    // the draft sees the text with another temperature, so that it is not the target
    ({ text, drafted, kept } = await draftOf(context, { temperature: 1.5 * options.temperature, topK: 6 }));
  }
  const request = {
    ...roundOf(context, text, drafted, law, options),
    ...(kept === undefined ? {} : { draft: kept }),
    outputs: { logits: true } as const,
  };
  const verified = await decided(context, text, drafted, request);
  // From the logits of the same pass: a set cut at a near tie would differ in kind, not in the last bits.
  const steps = { forward: async () => verified.outputs, info: context.model.info };
  const expected = await verifyByForward(steps, [text.at(-1)!, ...drafted], request);
  ensureSameDecisions(verified, expected, shown);
  ensureSame([...verified.argmax], [...expected.argmax], `argmax, ${shown}`);
  for (const [row, value] of expected.chosen.entries()) {
    const said = verified.chosen[row]!;
    const close = value === said || Math.abs(value - said) <= 1e-5 * Math.max(1, Math.abs(value));
    ensure(close, `chosen of row ${row}, ${shown}: expected ${value}, got ${said}`);
  }
}

function ensureSameDecisions(actual: Verified, expected: Verified, what: string): void {
  ensureSame([...actual.accepted], [...expected.accepted], `accepted, ${what}`);
  ensureSame([...actual.recovered], [...expected.recovered], `recovered, ${what}`);
  ensureSame(actual.bonus, expected.bonus, `bonus, ${what}`);
}
