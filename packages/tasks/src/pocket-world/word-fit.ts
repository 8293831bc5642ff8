import type { Pattern } from './pattern.ts';
import { MONEY, singular } from './things.ts';
import { said } from './word-phrases.ts';

// What may be done with what: nobody bakes a hammer, and no pen retires. For writing alone; a reader takes what comes.

type Kind =
  | 'food'
  | 'drink'
  | 'animal'
  | 'people'
  | 'vehicle'
  | 'plant'
  | 'measure'
  | 'money'
  | 'thing'
  | 'any';

const KINDS: readonly (readonly [Kind, string])[] = [
  [
    'food',
    'apples cookies oranges bananas pears plums peaches cherries grapes lemons mangoes melons strawberries blueberries berries tomatoes potatoes carrots onions cucumbers peppers beans nuts walnuts almonds eggs loaves rolls buns bagels cakes cupcakes muffins pies pancakes waffles donuts doughnuts biscuits crackers sweets candies chocolates lollipops sandwiches pizzas burgers sausages pretzels snacks peanuts dates figs kiwis pumpkins mushrooms radishes turnips cabbages noodles dumplings tacos slices',
  ],
  ['drink', 'drinks juices sodas'],
  [
    'animal',
    'cats dogs birds puppies kittens rabbits hamsters mice fish goldfish parrots chickens hens ducks geese sheep goats cows pigs horses ponies bees ants butterflies snails frogs turtles lizards spiders worms dinosaurs dragons elephants lions tigers monkeys bears penguins dolphins whales foxes wolves',
  ],
  [
    'people',
    'people children students pupils passengers guests visitors players customers workers tourists friends members fans followers',
  ],
  ['vehicle', 'cars trucks trains planes boats bikes bicycles'],
  ['plant', 'flowers roses tulips lilies daisies plants seeds bulbs trees bushes'],
  [
    'measure',
    'miles kilometers kilometres litres liters grams kilos hours minutes days steps laps votes likes points goals pages songs lessons tasks houses rooms windows doors seats photos films movies emails messages files',
  ],
  ['money', MONEY.join(' ')],
];

const KIND_OF: ReadonlyMap<string, Kind> = new Map(
  KINDS.flatMap(([kind, items]) => items.split(' ').map((item) => [item, kind] as const)),
);
const EDIBLE =
  /of (cake|bread|rice|flour|sugar|chocolate|cheese|candy|pizza|honey|soup|tea|coffee|juice|milk|water)$/;

/** Of made-up things everything may be said. */
export function kindOf(item: string): Kind {
  if (item.includes(' of ')) return EDIBLE.test(item) ? 'food' : 'thing';
  const last = item.split(' ').at(-1)!;
  if (/^toy /.test(item)) return 'thing';
  return KIND_OF.get(last) ?? (singular(last) === last || !/s$/.test(last) ? 'any' : 'thing');
}

const list = (verbs: string): ReadonlySet<string> => new Set(verbs.split('|'));

const EATEN = list(
  'eat|eat up|devour|swallow|gobble|gobble up|munch|nibble|scoff|snack on|polish off|finish off|consume|bake|cook|fry|boil|peel|serve|chew up|get eaten|whip up|brew|bottle|shell|cut up|rot|go bad|spoil|go mouldy|turn bad|compost|drink|peck at|melt|wilt',
);
const DRUNK = list('drink|brew|pour away|bottle|serve|spill');
const GROWN = list('grow|harvest|plant|sow|pick|wilt|water|dig up|produce|cut|cut down|prune');
const MOVES = list(
  'leave|go away|get off|go home|fly away|run away|move out|swim away|die|walk out|drop out|quit|retire|escape|hop off|climb off|jump off|drive off|sail off|sail out|faint|flee|check out|wander off|get away|step off|go out|sneak out|run off|swim off|fly off|stroll off|hurry off|walk away|get out|resign|give up|get sick|drown|move away|walk off|arrive|come in|come|come along|get on|get in|enter|join|join in|move in|fly in|board|walk in|turn up|appear|sit down|show up|hop on|climb on|climb in|jump on|pile in|hop aboard|climb aboard|land|touch down|hatch|sign up|wander in|check in|moor|limp back|come back|return|drive in|cram in|chug in|swim in|swarm in|step in|squeeze in|roll in|pull up|drop in|jump in|fly over|get back|pour in|stroll in|hurry in|push in|run in|swing by|queue up|stop by|settle in|come over|freeze|leap out|pour out|grow back',
);
const ROLLS = list(
  'drive off|sail off|sail out|sink|drive in|chug in|pull up|moor|limp back|roll in|land|touch down|crash|leave|arrive|come back|break',
);
const WINGS = list('fly away|fly off|fly in|fly over|land|touch down|swarm in|hatch');
const FINS = list('swim away|swim off|swim in');
const EMPLOYED = list(
  'hire|recruit|sign up|take on|welcome|sack|fire|retire|resign|quit|drop out|faint|check in|check out|sit down|board|get on|get off|hop on|hop off|hop aboard|climb aboard|queue up|go home|sneak out|join in|walk out|stop by|swing by|push in|move in|move out',
);
const HERDED = list(
  'lose|sell|give away|donate|hand over|give back|send back|return|trade away|let go|set free|release|swap|lend out|gift|buy|find|get|catch|breed|adopt|rescue|raise|receive|win|purchase|inherit|bring home|take home|take in|add|buy back|get back|borrow|steal|take|give|send|hand|lend|bring|pass on|leave behind|forget|count|own|have',
);
const MINTED = list(
  'lose|spend|donate|pay|give away|lend out|save|earn|win|get|find|receive|collect|make|gain|give|send|hand|lend|bring|take|steal|borrow|pass|pay in|pay out|pay back|withdraw|contribute|chip in|throw in|add|put in|hand over|return|give back|fork out|shell out|have|own|inherit|bet|stake',
);

/** Whether people would say that verb of things of this kind. */
function suits(kind: Kind, item: string, verb: string): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'people':
      return (
        MOVES.has(verb) && !WINGS.has(verb) && !FINS.has(verb) && !/sail|moor|chug|hatch|grow|limp/.test(verb)
      );
    case 'animal':
      if (MOVES.has(verb) && !EMPLOYED.has(verb)) {
        if (FINS.has(verb)) return /fish|duck|whale|dolphin|frog|turtle|penguin/.test(item);
        if (WINGS.has(verb)) return /bird|bee|duck|geese|butterfl|parrot|hen|chick/.test(item);
        return !/sail|moor|chug|drive|pull|grow|land|touch/.test(verb);
      }
      return HERDED.has(verb);
    case 'vehicle':
      return (ROLLS.has(verb) || !MOVES.has(verb)) && !plain(verb);
    case 'money':
      return MINTED.has(verb);
    case 'food':
      return (!MOVES.has(verb) && !EMPLOYED.has(verb) && !DRUNK_ONLY.has(verb)) || EATEN.has(verb);
    case 'drink':
      return !MOVES.has(verb) && !EMPLOYED.has(verb) && (!EATEN.has(verb) || DRUNK.has(verb));
    case 'plant':
      return !MOVES.has(verb) && !EMPLOYED.has(verb) && (!EATEN.has(verb) || GROWN.has(verb));
    default:
      return (
        !MOVES.has(verb) && !EMPLOYED.has(verb) && !EATEN.has(verb) && !GROWN.has(verb) && !LIVE.has(verb)
      );
  }
}

const DRUNK_ONLY = list('drink|pour away|spill');
const LIVE = list(
  'breed|adopt|rescue|raise|hatch|lay|set free|kill|kill off|shoot|scare off|scare away|chase off|let go|release',
);
const plain = (verb: string): boolean => EATEN.has(verb) || GROWN.has(verb) || LIVE.has(verb);

/** What is left of a pattern where only such verbs may come; nothing where none is left. */
function pruned(pattern: Pattern, keeps: (verb: string) => boolean): Pattern | undefined {
  const left: Pattern[number][] = [];
  for (const part of pattern) {
    if (part.kind === 'verb') {
      const verbs = part.verbs.filter(keeps);
      if (verbs.length === 0) return undefined;
      left.push({ kind: 'verb', verbs });
    } else if (part.kind === 'one-of') {
      const options = part.options.flatMap((option) => {
        const kept = pruned(option, keeps);
        return kept === undefined ? [] : [kept];
      });
      if (options.length === 0) return undefined;
      left.push({ kind: 'one-of', options });
    } else left.push(part);
  }
  return left;
}

/** Verbs written out, of which not all things are said: "were eaten". */
const SAID: readonly (readonly [(kind: Kind) => boolean, RegExp])[] = [
  [
    (kind) => kind === 'food' || kind === 'any' || kind === 'drink',
    /\b(eaten|baked|served|rotten|mouldy|drunk)\b/,
  ],
  [
    (kind) => kind === 'animal' || kind === 'any',
    /\b(killed|shot|rescued|adopted|hatched|laid|let go|born)\b/,
  ],
  [(kind) => kind === 'people' || kind === 'any', /\b(hired|sacked|signed up)\b/],
  [(kind) => kind === 'plant' || kind === 'food' || kind === 'any', /\b(planted|grown|picked)\b/],
  [
    (kind) => kind !== 'people' && kind !== 'animal',
    /\b(broken|torn|burnt|burned|smashed|crushed|squashed|thrown|binned|scrapped|recycled|flogged|cracked|printed|built|made|bought|sold|pulped|faulty|damaged|wrecked|cut|used|auctioned|crossed|shipped|delivered|unloaded|loaded|poured|tipped)\b/,
  ],
];

function keepsText(text: string, kind: Kind): boolean {
  return SAID.every(([allowed, words]) => allowed(kind) || !words.test(text));
}

function prunedTexts(pattern: Pattern, kind: Kind): Pattern | undefined {
  const left: Pattern[number][] = [];
  for (const part of pattern) {
    if (part.kind === 'text') {
      if (!keepsText(part.text, kind)) return undefined;
      left.push(part);
    } else if (part.kind === 'one-of') {
      const options = part.options.flatMap((option) => {
        const kept = prunedTexts(option, kind);
        return kept === undefined ? [] : [kept];
      });
      if (options.length === 0) return undefined;
      left.push({ kind: 'one-of', options });
    } else left.push(part);
  }
  return left;
}

const cache = new Map<string, readonly unknown[]>();

/** Those of the phrases that can be said of an item, without the verbs that nobody says of it. `name` tells lists apart. */
export function sayable<T extends { readonly pattern: Pattern }>(
  name: string,
  phrases: readonly T[],
  item: string,
): readonly T[] {
  const kind = kindOf(item);
  const key = `${name} ${kind} ${kind === 'animal' ? item : ''}`;
  const known = cache.get(key) as readonly T[] | undefined;
  if (known !== undefined) return known;
  const found = said(phrases).flatMap((phrase) => {
    const verbs = pruned(phrase.pattern, (verb) => ALWAYS.has(verb) || suits(kind, item, verb));
    const pattern = verbs && prunedTexts(verbs, kind);
    return pattern === undefined ? [] : [{ ...phrase, pattern }];
  });
  cache.set(key, found);
  return found;
}

/** Verbs that say where things are, and not what is done with them. */
const ALWAYS = list(
  'have|be|own|hold|have got|start with|begin with|let|need|want|cost|start|begin|keep|double|triple|halve|would like',
);
