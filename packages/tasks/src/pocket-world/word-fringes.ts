import { type Pattern, parsePattern } from './pattern.ts';

/** Before words that say where, when or why, and change nothing. */
export const PREPOSITIONS =
  'in at on near for with after before during from behind under over without because_of inside next_to outside'
    .split(' ')
    .map((word) => word.replace('_', ' '));

/** What a sentence may begin with; the last choice is nothing. */
export const LEAD = parsePattern(
  '(then |last, |lastly, |after this, |a bit later, |some time later |that night |the next morning |then again |on day two |in the second week |on top of that |to make it worse, |luckily |sadly |sadly, |as a treat, |just then |by chance |then later |later |later, |after that, |after that |next |next, |now |the next day |the next day, |on (monday|tuesday|wednesday|thursday|friday|saturday|sunday)(,|) |in the (morning|afternoon|evening)(,|) |after (lunch|school|work|dinner|breakfast)(,|) |a (week|day|month|year) later(,|) |last week |yesterday |today |soon |soon after, |finally |finally, |also, |at (school|home|work|the market|the park|the shop)(,|) |one day |one day, |tomorrow |afterwards |afterwards, |suddenly |at night |meanwhile, |on the way home(,|) |first |first, |again |in the end |this morning |last night |a bit later |unfortunately |unfortunately, |luckily |luckily, |on {p} birthday(,|) |in (spring|summer|autumn|winter) |before (lunch|dinner|school|work)(,|) |so |so, |during the (break|day|week|night)(,|) |the following day |the same day |at (noon|midnight) |this week |that day |that evening |at the (start|beginning) |at first |at first, |in the beginning |initially |initially, )',
);

/** What a sentence may end with. */
export const TAIL = parsePattern(
  '( at (school|home|work|night|the market|the park|the shop|the store|a sale|the fair|a shop|the end of the day|the beach|lunch|a party|the library|the station|the next stop|the zoo|first|the start)| in the (park|morning|afternoon|evening|garden|woods|forest|street|shop|kitchen|attic|cellar|garage|end|store|mail|drawer)| on (monday|tuesday|wednesday|thursday|friday|saturday|sunday|the way home|the way|the street|the beach|the floor|the road|the bus|the train|{p} birthday)| yesterday| today| later| again| by mistake| by accident| online| for (lunch|dinner|breakfast|a party|school|a project|{p} birthday|a friend|the party|the trip|the winter|fun)| this (week|morning|evening|year)| last (week|night|month)| the next day| the day after| during the (day|week|night|trip|game)| from the (shop|store|market|garden|library)| after (school|lunch|work|dinner|that)| before (school|lunch|dinner)| to begin with| in a game| at once| as well| too| together| each time)',
);

/** The same with any words that say where, when or why. */
export const OPEN_LEADS: readonly Pattern[] = [
  '{prep} (the |a |{p} |){noun}(,|) ',
  '{prep} (the |a |{p} |){noun} {noun}(,|) ',
  '{prep} {noun} {prep} (the |a |{p} |){noun}, ',
].map(parsePattern);
export const OPEN_TAILS: readonly Pattern[] = [
  ' {prep} (the |a |{p} |some |this |that |each |){noun}',
  ' {prep} (the |a |{p} |some |){noun} {noun}',
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
].map(parsePattern);
