import { madeUpWord } from './open-words.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import { pick, type Random } from './random.ts';

/** Before words that say where, when or why, and change nothing. */
export const PREPOSITIONS =
  'in at on near for with after before during from behind under over without because_of inside next_to outside out_of off down into onto through across around past by to along up against'
    .split(' ')
    .map((word) => word.replace('_', ' '));

/** What a sentence may begin with; the last choice is nothing. */
export const LEAD = parsePattern(
  '(then |last, |lastly, |after this, |a bit later, |some time later |that night |the next morning |then again |on day two |in the second week |on top of that |to make it worse, |luckily |sadly |sadly, |as a treat, |just then |by chance |then later |later |later, |after that, |after that |next |next, |now |the next day |the next day, |on (monday|tuesday|wednesday|thursday|friday|saturday|sunday)(,|) |in the (morning|afternoon|evening)(,|) |after (lunch|school|work|dinner|breakfast)(,|) |a (week|day|month|year) later(,|) |last week |yesterday |today |soon |soon after, |finally |finally, |also, |at (school|home|work|the market|the park|the shop)(,|) |one day |one day, |tomorrow |afterwards |afterwards, |suddenly |at night |meanwhile, |on the way home(,|) |first |first, |again |in the end |this morning |last night |a bit later |unfortunately |unfortunately, |luckily |luckily, |on {p} birthday(,|) |in (spring|summer|autumn|winter) |before (lunch|dinner|school|work)(,|) |so |so, |during the (break|day|week|night)(,|) |the following day |the same day |at (noon|midnight) |this week |that day |that evening |at the (start|beginning) |at first |at first, |in the beginning |initially |initially, )',
);

/** What a sentence may end with. */
export const TAIL = parsePattern(
  '( at (school|home|work|night|the market|the park|the shop|the store|a sale|the fair|a shop|the end of the day|the beach|lunch|a party|the library|the station|the next stop|the zoo|first|the start)| in the (park|morning|afternoon|evening|garden|woods|forest|street|shop|kitchen|attic|cellar|garage|end|store|mail|drawer)| on (monday|tuesday|wednesday|thursday|friday|saturday|sunday|the way home|the way|the street|the beach|the floor|the road|the bus|the train|{p} birthday)| yesterday| today| later| again| by mistake| by accident| online| for (lunch|dinner|breakfast|a party|school|a project|{p} birthday|a friend|the party|the trip|the winter|fun)| this (week|morning|evening|year)| last (week|night|month)| the next day| the day after| during the (day|week|night|trip|game)| from the (shop|store|market|garden|library)| after (school|lunch|work|dinner|that)| before (school|lunch|dinner)| to begin with| in a game| at once| as well| too| together| each time| on top| at the door| mon| tue| tues| wed| thu| thur| thurs| fri| sat| sun| monday| tuesday| wednesday| thursday| friday| saturday| sunday| there| by (bike|train|bus|car|boat)| in cash| to eat| as a snack| one by one| at a time| in one go)',
);

/** Where, when, with whom and what for, as people say it; a reader takes any words there (below). */
const WHERE =
  'at the market|at the park|in the garden|at the shop|in the kitchen|at the fair|on the beach|near the lake|in the yard|behind the house|in the forest|at the station|in the barn|under the bridge|next to the school|outside the museum|in the attic|on the train|on the bus|in the library|at the zoo|by the river|in the street|at the harbour|in town|at work|at school|in the cellar|on the farm|at the bakery|inside the tent';
const WHEN =
  'before lunch|after lunch|after the match|before the storm|during the storm|after the party|during the break|before breakfast|after school|at noon|at midnight|in spring|in the summer|on Monday|on Tuesday|on Friday|over the weekend|in the first week|in the second week|in the evening|by mistake|during the trip|before bed|after dinner|on day two|in the first hour|at dawn|at dusk|in the last hour|in March|in July';
const WHY =
  'for the party|for a friend|for the winter|for the journey|for her mother|for his sister|for a picnic|for the school play|because of the rain|because of the sale|for a cake|for the neighbours|for the team|with a friend|with her brother|with the class|without a reason|for a bet|with a smile';

/** What is said of a place says not where else something is. */
export function fringe(placed: boolean, random: Random): string {
  const way = placed ? 0.45 + 0.55 * random() : random();
  if (way < 0.12) return `${pick(random, PREPOSITIONS.slice(0, 3))} the ${madeUpWord(random)}`;
  return pick(random, (way < 0.45 ? WHERE : way < 0.75 ? WHEN : WHY).split('|'));
}

/** The same for a reader. */
export const SAID_TAILS = parsePattern(`( (${WHERE}|${WHEN}|${WHY})|)`.toLowerCase());
export const SAID_LEADS = parsePattern(`((${WHERE}|${WHEN}|${WHY})(,|) |)`.toLowerCase());

/** The same with any words that say where, when or why. */
export const OPEN_LEADS: readonly Pattern[] = [
  '{prep} (the |a |{p} |){where}(,|) ',
  '{prep} (the |a |{p} |){where} {where}(,|) ',
  '{prep} {where} {prep} (the |a |{p} |){where}, ',
].map(parsePattern);
export const OPEN_TAILS: readonly Pattern[] = [
  ' {prep} (the |a |{p} |some |this |that |each |an |){noun}',
  ' {prep} (the |a |{p} |some |that |this |){noun} {noun}',
  ' {prep} (the |a |{p} |some |){noun} {noun} {noun}',
  ' {prep} (the |a |{p} |){noun} {prep} (the |a |{p} |){noun}',
  ' to {p} {noun}',
].map(parsePattern);

/** Sentences that change nothing. */
export const IDLE: readonly Pattern[] = [
  '{o} <like|love> {i}( very much| a lot|)',
  '{o} (is|was|are|am) (very |)(happy|glad|proud|tired|sad|surprised)( about (it|that|this)|)',
  'it is a (sunny|rainy|nice|cold|warm) day',
  '(that|this) is a lot',
  '{o} <count> (them|the {i})( again|)',
  '{x} <visit|meet|see> {io}',
  '{o} (is|was|are|am) (tired|hungry|thirsty|late|bored|pleased)( now| then|)',
  '{o} <walk|run|go|cycle|drive> (home|to the market|to school|to the park|to the shop|back home)',
  'the (shop|market|park|school|road|bus|sun|zoo|museum) (is|was) (closed|open|busy|far away|quiet|crowded)',
  'it (rains|rained|snows|snowed|is sunny|was sunny|was cold|was hot|gets dark|got dark)( all day| at night|)',
  '{o} <live|work> (near the park|in the town|in a village|at the harbour|next to a school)',
  'what a (day|week|mess|surprise)',
].map(parsePattern);

/** What may stand before a story. */
export const TITLES: readonly Pattern[] = [
  '(market day|bake sale|school fair|garden report|sports day|a rainy day|the big clean-up|at the zoo|snowball fight|game night|moving day|the harvest|holiday diary|shop report|toy sale|story time|spring cleaning)(:|!|.)',
  '(here is a problem|a problem|a story|a riddle|a question|problem|question|hello|hi|quick question|please help|word problem)(:|!|.)',
  '(please |)(answer|solve|help me with|work out) (this|this one|this problem)( please|)(:|.)',
  'it (is|was) a (sunny|rainy|cold|warm|busy|quiet) day( in the village| at the market|)(.|:)',
].map(parsePattern);
