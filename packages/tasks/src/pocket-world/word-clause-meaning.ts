import { asTyped, type Found, type Typed } from './clauses.ts';
import { NAMES } from './things.ts';
import { readNumber } from './typing.ts';
import { saysVerb } from './verbs.ts';
import { holderOf, type Known, NO_ACT, startMove } from './word-beginning.ts';
import { type Clause, HOLDERS } from './word-clauses.ts';
import { type Change, type Move, moved, product, type Question } from './word-facts.ts';
import { VERB_FORMS } from './word-idle.ts';
import { LOSSES } from './word-verbs.ts';

/** Who begins with such a verb tells what was done, and not what there is. */
const LOSS_VERBS = [...new Set([...LOSSES.split('|'), 'give', 'owe'])];

const isLoss = (act: string): boolean =>
  LOSS_VERBS.some(
    (verb) => act.split(' ').length === verb.split(' ').length && saysVerb(verb, new Set(act.split(' '))),
  );

/** Names of people that are forms of verbs, too: "Nick", "Rob". */
const ALSO_NAMES = new Set(NAMES.filter((name) => VERB_FORMS.has(name.toLowerCase())));
const isVerb = (word: string): boolean => VERB_FORMS.has(word.toLowerCase()) && !ALSO_NAMES.has(word);

/** "Mum bought 12 more": to a person these come in, where nothing is sold; the world has them go. */
const buysMore = ({ text, original }: Typed, { slots, end }: Found<Clause>): boolean =>
  slots.x !== undefined &&
  /\b(?:buys?|bought|buying)\b.* more\b/i.test(text.slice(slots.x[0]!.from, end + 5)) &&
  !SELLS.test(original);
const SELLS = /\b(?:shop|store|market|stall|stand|bakery|kiosk|cafe|sells?|sold|sale)\b/i;

/** What is known after one more clause; why not, where it makes no sense there. */
export function apply(prompt: Typed, told: Known, found: Found<Clause>): Known | 'words' | 'numbers' {
  const { meaning, slots } = found;
  const number = (name: string): number => readNumber(slots[name]?.[0]?.text ?? '0');
  const done = told.questions.length > 0;
  /** The holder that a slot names; who was spoken of last, where it names none. */
  const named = (slot: string): number | undefined => {
    const text = slots[slot]?.[0]?.text;
    const at = text === undefined ? -1 : HOLDERS.findIndex((sign) => text.includes(sign));
    return at < 0 ? undefined : at;
  };
  // Of several, "they" is nobody alone.
  const many = told.holders.length > 1 && /^they$/.test(slots.o?.[0]?.text ?? '');
  if (many && meaning.kind !== 'idle' && meaning.kind !== 'pair' && meaning.kind !== 'three') return 'words';
  const who = named('o') ?? named('io') ?? named('O') ?? told.last;
  // All lie in equal shares: nothing else is told, but how many one has is asked.
  if (told.parts !== undefined && meaning.kind !== 'share' && meaning.kind !== 'idle') return 'words';
  // "found" is nobody.
  if (slots.x?.some(({ text: other, from }) => isVerb(asTyped(prompt, from, other.length).split(' ')[0]!)))
    return 'words';
  const lossy = told.act !== undefined && isLoss(told.act);
  const said = (slots.act ?? slots.act0 ?? slots.vb)?.[0]?.text.toLowerCase();
  if ('adj' in slots && slots.i !== undefined && told.item.includes(' ')) return 'words';
  const after = (move: Move, more: Partial<Known>): Known | 'numbers' => {
    const values = moved(move, told.values);
    const { again: _, ...rest } = told;
    return values === undefined ? 'numbers' : { ...rest, values, moves: [...told.moves, move], ...more };
  };
  switch (meaning.kind) {
    case 'idle':
      return done ? 'words' : told;
    case 'again': {
      if (done || told.again === undefined) return 'words';
      if (slots.adj !== undefined && told.moves.length > 1) return 'words';
      const { again } = told;
      return after({ kind: 'change', who: told.last, operation: again, by: number('n') }, { again });
    }
    case 'again by': {
      const before = told.moves.at(-1);
      if (done || told.again === undefined || before?.kind !== 'change' || who === before.who) return 'words';
      const { again } = told;
      return after({ kind: 'change', who, operation: again, by: number('n') }, { again, last: who });
    }
    case 'split': {
      if (done || told.parts !== undefined) return 'words';
      return { ...told, parts: number('n'), last: who };
    }
    case 'share':
      return told.parts === undefined
        ? 'words'
        : asking(withoutParts(told), { kind: 'each', who: told.last, parts: told.parts });
    case 'change': {
      if (done) return 'words';
      const { operation, by, packs, only } = meaning.phrase;
      if (operation === '-' && buysMore(prompt, found)) return 'words';
      if (only === 'act' ? said === undefined || !sameAct(told.act, said) : lossy) return 'words';
      const pair = packs === true ? ([number('a'), number('b')] as const) : undefined;
      const amount = pair === undefined ? (by ?? number('n')) : product(pair);
      if (amount === undefined) return 'numbers';
      const other = slots.x?.[0];
      const change: Change = {
        kind: 'change',
        who,
        operation,
        by: amount,
        ...(pair === undefined ? {} : { packs: pair }),
        ...(other === undefined || pair !== undefined
          ? {}
          : { other: asTyped(prompt, other.from, other.text.length) }),
      };
      const plain = pair === undefined && by === undefined && (operation === '+' || operation === '-');
      return after(change, {
        last: who,
        ...(plain ? { again: operation } : {}),
        ...(only === 'act' ? {} : { mixed: true }),
      });
    }
    case 'pass': {
      if (done || told.holders.length < 2) return 'words';
      if (lossy) return 'words';
      const from = named('o') ?? named('O');
      const to = named('o2');
      const [giver, taker] = [from ?? other(told, to), to ?? other(told, from)];
      if (giver === undefined || taker === undefined || giver === taker) return 'words';
      return after({ kind: 'pass', from: giver, to: taker, by: number('n') }, { last: giver, mixed: true });
    }
    case 'entry':
    case 'compare': {
      const entering = slots.o?.[0] ?? slots.O?.[0];
      const at = told.holders.length;
      const { phrase } = meaning;
      if (said !== undefined && meaning.kind === 'entry' && !sameAct(told.act, said)) return 'words';
      if (said !== undefined && NO_ACT.test(said)) return 'words';
      const only = 'kind' in phrase ? phrase.kind : undefined;
      if (lossy && only === 'plain' && !bareEntry(found)) return 'words';
      if (done || entering === undefined || at >= HOLDERS.length || told.price) return 'words';
      if (told.holders.some(({ name }) => name === undefined) && at > 1) return 'words';
      const bare = entering.text.replace(/'s?$/, '');
      if (asTyped(prompt, entering.from, bare.length).split(' ').some(isVerb)) return 'words';
      const holder = holderOf(bare, 'person', asTyped(prompt, entering.from, bare.length));
      if (holder?.name === undefined) return 'words';
      const grown = { ...told, holders: [...told.holders, holder], values: [...told.values, undefined] };
      const move: Move =
        meaning.kind === 'entry'
          ? startMove({ ...found, meaning: meaning.phrase }, at)
          : {
              kind: 'compare',
              who: at,
              of: named('o2') ?? named('O2') ?? at - 1,
              operation: meaning.phrase.operation,
              by: meaning.phrase.by ?? number('n'),
            };
      const values = moved(move, grown.values);
      const { again: _, ...rest } = grown;
      if (values === undefined) return 'numbers';
      return {
        ...rest,
        values,
        moves: [...told.moves, move],
        last: at,
        ...(meaning.kind === 'entry' ? { again: '+' as const } : {}),
      };
    }
    case 'three':
      return asking(
        told,
        told.holders.length < 3 ? undefined : { kind: 'together', whos: [...told.holders.keys()] },
      );
    case 'pair': {
      if (told.holders.length < 2 || !mayAsk(told, said)) return 'words';
      const [one, two] = [named('o') ?? named('O'), named('o2') ?? named('O2')];
      if (meaning.asked === 'together') {
        const pair = one !== undefined && two !== undefined && one !== two;
        return asking(told, { kind: 'together', whos: pair ? [one, two].sort() : [...told.holders.keys()] });
      }
      const [ahead, than] = [one ?? other(told, two), two ?? other(told, one)];
      if (ahead === undefined || than === undefined || ahead === than) return 'words';
      return asking(told, { kind: 'ahead', who: ahead, than });
    }
    case 'question': {
      if (!mayAsk(told, said)) return 'words';
      if (meaning.asked === 'now') return asking(told, { kind: 'now', who });
      if (meaning.asked === 'groups') return asking(told, { kind: 'groups', who, of: number('n') });
      if (meaning.asked === 'missing') return asking(told, { kind: 'missing', who, goal: number('n') });
      return asking(told, { kind: 'each', who, parts: number('n') });
    }
  }
}

function withoutParts(told: Known): Known {
  const { parts: _, ...rest } = told;
  return rest;
}

/** Whether somebody comes in with a number alone: "and Ben 12". */
const bareEntry = ({ slots, end }: Found<Clause>): boolean => {
  const { o, n } = slots;
  return o !== undefined && n !== undefined && n[0]!.from - o[0]!.from - o[0]!.text.length < 2 && end > 0;
};

/** Whether two sayings are of one verb: "sold" and "sell". */
export function sameAct(act: string | undefined, said: string): boolean {
  if (act === undefined) return false;
  const plain = said.replace(/^(?:has|have|had|will|is|was) (?=\p{L})/u, '');
  return (
    act === plain || saysVerb(plain, new Set(act.split(' '))) || saysVerb(act, new Set(plain.split(' ')))
  );
}

/** "How many did she sell?" is known where nothing but selling was told. */
function mayAsk({ act, mixed, frame, moves }: Known, said: string | undefined): boolean {
  if (said === undefined || frame === 'place' || /^(?:have|has|had|got|get|own|hold|keep)\b/.test(said))
    return true;
  if (act !== undefined && moves.every(({ kind }) => kind === 'start' || kind === 'compare')) return true;
  return mixed === undefined && sameAct(act, said);
}

/** Of two holders the one that is not this one; of more it would not be clear. */
export const other = ({ holders }: Known, who: number | undefined): number | undefined =>
  holders.length === 2 && who !== undefined ? 1 - who : undefined;

function asking(told: Known, question: Question | undefined): Known | 'words' {
  if (question === undefined || told.questions.length > 1) return 'words';
  if (told.questions.some((one) => JSON.stringify(one) === JSON.stringify(question))) return 'words';
  return {
    ...told,
    questions: [...told.questions, question],
    ...('who' in question ? { last: question.who } : {}),
  };
}
