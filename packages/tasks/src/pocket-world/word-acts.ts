import { madeUpWord, openThing } from './open-words.ts';
import { pick, type Random } from './random.ts';

/** What is done so many times, and what it is done to: a story may count that, whatever it is. */
const ACTS: readonly (readonly [verbs: string, things: string])[] = [
  ['read', 'pages|books|comics|stories|letters|poems|chapters|magazines|emails'],
  ['run|walk|jog|hike|cycle|march|cover|ride', 'miles|kilometers|laps|kilometres'],
  ['walk|count|take', 'steps'],
  ['drive|travel|fly|sail', 'miles|kilometers|kilometres'],
  ['swim', 'laps|lengths|miles'],
  [
    'eat|cook|fry|bake|order|serve',
    'pancakes|sausages|eggs|cookies|dumplings|waffles|meatballs|pies|burgers|tacos',
  ],
  [
    'eat|pick|wash|peel|slice|chop',
    'apples|cherries|carrots|potatoes|grapes|plums|tomatoes|berries|onions|mushrooms',
  ],
  ['drink|serve|pour', 'cups of tea|glasses of water|bottles of juice|cups of coffee|glasses of milk'],
  ['sell', 'tickets|cakes|lemons|flowers|books|pens|cars|houses|cups|balloons|programmes|toys|newspapers'],
  ['score|win|earn', 'points|goals|medals|stars'],
  ['do|finish|manage', 'push-ups|sit-ups|squats|exercises|sums|pull-ups|puzzles|tasks|lessons'],
  ['write|type|send|answer|post', 'letters|emails|postcards|messages|pages|notes'],
  [
    'see|spot|count|photograph|film|draw|watch',
    'birds|ducks|cars|trains|planes|boats|squirrels|butterflies|foxes|whales|stars|owls',
  ],
  ['wash|clean|polish|dry|wipe', 'cars|windows|plates|cups|dishes|shoes|spoons|tables|bikes'],
  ['deliver|carry|stamp|sort|load|post', 'parcels|letters|newspapers|boxes|packages|crates|sacks'],
  ['sing|play|learn|practise|record|hear', 'songs|tunes|pieces|records'],
  ['watch|film|make', 'movies|videos|films'],
  ['plant|water|dig up|cut|prune', 'trees|flowers|roses|bushes|bulbs|tulips|seeds'],
  ['paint|draw|sketch|hang|print|frame', 'pictures|posters|photos|paintings|cards|portraits'],
  ['spend|save|earn|donate|raise|pay', 'dollars|euros|pounds|francs'],
  ['knit|sew|iron|fold|mend|wash', 'shirts|socks|scarves|hats|towels|sheets|gloves|dresses'],
  ['catch|throw|kick|hit|juggle|roll', 'balls'],
  ['catch|hook|land', 'fish|crabs|trout'],
  ['throw|roll|make|hurl', 'snowballs'],
  ['blow up|pop|tie', 'balloons'],
  ['blow out|light|make', 'candles'],
  ['visit', 'museums|houses|shops|farms|friends|gardens'],
  ['climb|count|sweep', 'stairs|steps'],
  ['rake up|shovel', 'piles of leaves|bags of leaves'],
  ['collect|gather|find|pick up', 'shells|acorns|stones|feathers|pinecones|bottles|leaves'],
  ['build|make|fix|repair|test', 'chairs|tables|toys|bikes|lamps|clocks|kites|robots'],
  ['work|study|sleep|practise', 'hours|minutes'],
  ['lift|move|stack|pack', 'boxes|crates|bricks|bags|books|chairs'],
  ['stack|lay|carry', 'bricks|tiles|planks|logs'],
  ['mark|grade|sign|check|copy|scan|print', 'tests|pages|papers|forms|books|notebooks'],
];

export interface Act {
  readonly verb: string;
  readonly item: string;
}

/** Mostly one that people speak of; else a verb that nobody has heard of. */
export function drawAct(random: Random): Act {
  if (random() < 0.1) return { verb: madeUpWord(random), item: openThing(random) };
  const [verbs, things] = pick(random, ACTS);
  return { verb: pick(random, verbs.split('|')), item: pick(random, things.split('|')) };
}

/** Who does something by the number. */
export const FOLK: readonly string[] =
  'friends neighbours neighbors families cousins customers visitors children kids classmates pupils guests aunts uncles sisters brothers workers helpers students teachers players sailors tourists farmers drivers girls boys men women members runners hikers campers volunteers pirates elves dogs people colleagues players shops schools teams'.split(
    ' ',
  );
