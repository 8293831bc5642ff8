import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DOMAINS,
  drawKnownProblem,
  drawProblem,
  FIRST_PROBLEM,
  grade,
  readProblem,
  readsAsMeant,
  SPLITS,
  seededRandom,
  writeSolution,
} from '../src/index.ts';

const addresses = fc.record({
  domain: fc.constantFrom(...DOMAINS),
  split: fc.constantFrom(...SPLITS),
  index: fc.nat(5000),
});

describe('the reader of prompts', () => {
  test.each([
    ['Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?', '17', 'words'],
    ['mia has 12 pens mia gets 5 pens from leo how many pens does mia have now', '17', 'words'],
    ['Tom has twelve marbles. He loses 3 of them. How many marbles are left?', '9', 'words'],
    ['I have 3 boxes with 6 eggs each. I eat 4. How many eggs do I have left?', '14', 'words'],
    ['There are 20 people on the bus. 7 people get off. How many people are on the bus now?', '13', 'words'],
    ['books | Amy 99 | Otto 25\nHow many books do Amy and Otto have together?', '124', 'tables'],
    ['Points: Ann: 3, Bob: 7, Cleo: 5. What is the largest number?', '7', 'tables'],
    [
      '| Child | Points |\n|---|---|\n| Ann | 3 |\n| Bob | 7 |\nHow many points does Bob have?',
      '7',
      'tables',
    ],
    ['| Ann | 3 |\n| Bob | 7 |\n\nwhat is the total', '10', 'tables'],
    ['2, 19, 30, 12, 22. Cut the last two. How many are left?', '3', 'lists'],
    ['9, 31, 5. What is the second greatest?', '9', 'lists'],
    ['Which was the second coldest of all: 94, 58, 55, 54', '55', 'lists'],
    ['What is the sum of one, two, twenty-one and nine?', '33', 'lists'],
    // what no drawn problem says, and people do
    ['Tom has 20 cards. He loses 6. How many cards has Tom?', '14', 'words'],
    ['Ben has 7 apples. Ben buys 6. How many apples now?', '13', 'words'],
    ['pens 140, books 85. how many more pens than books', '55', 'tables'],
    ['a=12; b=45; c=7. Sum of a and b?', '57', 'tables'],
    ['Ann 100, Bill 250, Cat 75. Value of Cat?', '75', 'tables'],
    ['apples 12, plums 30, figs 4. Which number belongs to plums?', '30', 'tables'],
    ['beans 7, honey 12, jam 8. What is the price of beans and jam together?', '15', 'tables'],
    ['hammers 40, saws 25, drills 31. How many have a value of more than 30?', '2', 'tables'],
    ['How many numbers are in my list 4, 12, 9, 1?', '4', 'lists'],
    ['33, 8, 57. Chuck out the smallest. Add up whatever is left.', '90', 'lists'],
    ['Temperatures at noon: 12 15 9 18. On how many days was it more than 14?', '2', 'lists'],
    ['Nina bought 5 packs of pens. Each pack has 12 pens. How many pens did she buy?', '60', 'words'],
    ['Ann has 5 boxes of pens. There are 12 pens in each box. How many pens does Ann have?', '60', 'words'],
    ['A farmer plants 6 rows with 8 trees in each row. How many trees are there?', '48', 'words'],
    [
      'Rob collects stamps. He has 30 stamps. He loses 4. Tell me how many stamps Rob has now.',
      '26',
      'words',
    ],
    ['Emma has 8 red balls and 6 blue balls. 3 pop. How many of them are left?', '11', 'words'],
    ['A bus has 32 people. At the first stop 7 get off. How many people are on the bus?', '25', 'words'],
    ['Suppose Mia has 12 pens. Nick takes 5. How many of her pens are left?', '7', 'words'],
    ['There is a boy named Leo. He has 12 pens. He buys 2. How many pens does Leo have?', '14', 'words'],
    [
      'Mia has 12 pens. She went to the store and bought 2 more pens. She got 3 pens as a birthday present. How many pens does Mia have?',
      '17',
      'words',
    ],
    ['Once upon a time Mia had 12 pens. She lost 4. How many pens does Mia have?', '8', 'words'],
    ['Which of these has more than 20? lemons 15, limes 28, figs 11', 'limes', 'tables'],
    ['Please look up the number for Dora: Carl 31, Dora 47, Emil 12.', '47', 'tables'],
    ["Carl 31, Dora 47. What are Dora's points?", '47', 'tables'],
    ['pens 4, rulers 5, books 9. How many pens and books together?', '13', 'tables'],
    ['Ann 12, Bob 4. Question: How many points does Ann have?', '12', 'tables'],
    ['oak: 12, elm: 5, ash: 9, fir: 17 -- which one is biggest?', 'fir', 'tables'],
    ['Which of 3, 8, 11 are even?', '8', 'lists'],
    ['Which numbers in 3, 8, 11 are greater than 5?', '8, 11', 'lists'],
    ['How many of the numbers 3, 8, 11 are greater than 5?', '2', 'lists'],
    ['What are the odd numbers in this list? 3, 8, 11', '3, 11', 'lists'],
    ['Which is biggest: 3, 11, 8?', '11', 'lists'],
    ['Take the list 6, 2. Insert 5 at the end. What is the list now?', '6, 2, 5', 'lists'],
    ['What is 3, 4, 5 added together?', '12', 'lists'],
    ['Hello! Can you sort these numbers? 3, 1, 2', '1, 2, 3', 'lists'],
    ['Sort the words zebra, lemon alphabetically.', 'lemon, zebra', 'lists'],
    ['Start with the list 3, 9, 4. Sort it in ascending order. What is the last number?', '9', 'lists'],
    ['Numbers: 5 8 2. Double each number. What is the sum?', '30', 'lists'],
    ['Points: Ann 3, Bob 7, Cleo 5. Who has the most points?', 'Bob', 'tables'],
    ['Points: Ann 3, Bob 7, Cleo 5. How many have more than 4?', '2', 'tables'],
    ['Points: Ann 3, Bob 7, Cleo 5. Who has the most, and how many?', 'Bob; 7', 'tables'],
    ['ages: mia 9, leo 12. who is older', 'leo', 'tables'],
    ['Sort alphabetically: mango, apple, plum, fig', 'apple, fig, mango, plum', 'lists'],
    ['Reverse the list: 11, 3, 25', '25, 3, 11', 'lists'],
    ['What is the second largest of 4, 9, 7?', '7', 'lists'],
    [
      'Ali has 52 nuts and Bo has 25 nuts. Ali gives Bo 10 nuts. How many nuts does Ali have? How many nuts does Bo have?',
      '42; 35',
      'words',
    ],
    ['Max has 9 cards. Eva has 3 more than Max. How many do they have together?', '21', 'words'],
    ['Ben is 15. Ann is 6 years younger. How old is Ann?', '9', 'words'],
    ['Mia has 12 pens. Tomorrow she will buy 5 pens. How many pens will she have then?', '17', 'words'],
    ['Mia has 12 pens. She buys 5 pens. How many pens will she have?', '17', 'words'],
    ['SORT: 3, 1, 2', '1, 2, 3', 'lists'],
    ['Max sells 9 cards. He sells 3 more cards. How many cards did he sell?', '12', 'words'],
  ] as const)('knows %j', (prompt, answer, domain) => {
    const reading = readProblem(prompt);
    expect(reading).toMatchObject({ known: true, problem: { answer, domain } });
  });

  test.each([
    ['What is the capital of France?', 'What is the capital of France?', 'words'],
    [
      'Mia has 12 pens. Mia contemplates 5 pens. How many pens does Mia have now?',
      'Mia contemplates 5 pens.',
      'words',
    ],
    ['Mia has 12 pens. Why does Mia have pens?', 'Why does Mia have pens?', 'words'],
    ['Mia has 12 pens. Mia loses 50 pens. How many pens does Mia have now?', 'Mia loses 50 pens.', 'numbers'],
    ['Start with the list 3, 9, 4. Shuffle it. What is the last number?', 'Shuffle it.', 'words'],
    ['', '', 'words'],
    ['A car drives 60 km per hour for 2.5 hours. How far does it go?', '2.5 hours.', 'words'],
    ['Tom 12, Ann 9, Bob 30. Who has the second most?', 'Who has the second most?', 'words'],
    // more than a time, and more than an entry
    [
      'Mia has 12 pens. She buys 5 pens before giving 3 to Leo. How many pens does Mia have?',
      'before giving 3 to Leo.',
      'words',
    ],
    [
      'Which of zebra, kiwi comes first alphabetically?',
      'Which of zebra, kiwi comes first alphabetically?',
      'words',
    ],
    [
      'Which comes first in the alphabet: tiger, ant?',
      'Which comes first in the alphabet: tiger, ant?',
      'words',
    ],
    ['Reverse sort 75, 42.', 'Reverse sort 75, 42.', 'words'],
    // a name is asked for, and the target says a number
    ['Rome = 25, Oslo = 9. Which city is the warmest?', 'Which city is the warmest?', 'words'],
    // more come in, and the world has them go
    ['There were 18 eggs in the bowl. Mum bought 12 more. How many eggs are there now?', 'more.', 'words'],
    [
      'Ann has 5 bags of pens. Each bag has 12 nuts. How many pens does Ann have?',
      'Each bag has 12 nuts.',
      'words',
    ],
    // what there was at first, in another time, or what was done is not what there is at last
    ['Mia has 12 pens. She buys 5 pens. How many pens did she have at first?', 'at first?', 'words'],
    [
      'Mia has 12 pens. She buys 5. Initially, how many pens did she have?',
      'Initially, how many pens did she have?',
      'words',
    ],
    [
      'There are 12 birds on a tree. 5 fly away. How many birds were on the tree at the start?',
      'at the start?',
      'words',
    ],
    ['Mia has 12 pens. She sells 5 pens. How many pens did she sell?', 'did she sell?', 'words'],
    ['Mia reads 3 pages a day. How many pages does she read in a week?', 'a day.', 'words'],
    ['Mia reads 3 pages. How many pages does she read in a week?', 'a week?', 'words'],
    ['Ann has 3 dogs. Ben has 4 cats. How many dogs do they have together?', 'cats.', 'words'],
    ['How many letters are in zebra, ant, cat?', 'How many letters are in zebra, ant, cat?', 'words'],
    [
      'Tom 12, Ann 9, Bob 30. Who has the most? Sort the names from lowest to highest.',
      'Sort the names from lowest to highest.',
      'words',
    ],
    // what will be is not what is
    [
      'Mia has 12 pens. Tomorrow she will buy 5 pens. How many pens does she have now?',
      'How many pens does she have now?',
      'words',
    ],
    [
      'Mia has 12 pens. She will give 5 pens to Leo. How many pens does Mia have?',
      'How many pens does Mia have?',
      'words',
    ],
    // no problem of the world is written in capitals
    ['MIA HAS 12 PENS. SHE BUYS 5 PENS. HOW MANY PENS DOES MIA HAVE NOW?', 'MIA HAS 12 PENS.', 'words'],
    ['Mia has 12 pens. SHE BUYS 5 PENS. How many pens does Mia have now?', 'SHE BUYS 5 PENS.', 'words'],
    ['TOM 12, ANN 9, BOB 30. WHO HAS THE MOST?', 'TOM 12, ANN 9, BOB 30.', 'words'],
  ] as const)('names the first sentence that it does not know of %j', (prompt, sentence, why) => {
    expect(readProblem(prompt)).toEqual({ known: false, sentence, why });
  });

  test('reads nearly every drawn problem, and hardly any as another one', () => {
    let known = 0;
    let same = 0;
    let tried = 0;
    fc.assert(
      fc.property(addresses, (address) => {
        const { prompt, answer, domain } = drawProblem(address);
        const reading = readProblem(prompt);
        tried += 1;
        if (!reading.known) return;
        known += 1;
        if (reading.problem.domain === domain && grade({ answer }, `#### ${reading.problem.answer}`))
          same += 1;
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(known / tried).toBeGreaterThan(0.85);
    // Careless typing makes some that can be read two ways.
    expect(same / known).toBeGreaterThan(0.96);
  });

  test('reads every problem that is drawn to be shown, and with its own answer', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const problem = drawKnownProblem(address);
        expect(readProblem(problem.prompt)).toMatchObject({
          known: true,
          problem: { domain: address.domain },
        });
        expect(readsAsMeant(problem)).toBe(true);
        // the one at the address itself wherever it will do
        expect(problem.index).toBeGreaterThanOrEqual(address.index);
        expect(problem.index === address.index).toBe(readsAsMeant(drawProblem(address)));
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  test('knows the problem that is shown first', () => {
    expect(readProblem(FIRST_PROBLEM)).toMatchObject({ known: true, problem: { answer: '64' } });
  });

  test('gives a recogniser that accepts solutions of the same problem', () => {
    const address = { domain: 'tables', split: 'dev', index: 30 } as const;
    const { prompt } = drawProblem(address);
    const reading = readProblem(prompt);
    if (!reading.known) throw new Error('Expected the problem to be known.');
    const recogniser = reading.problem.recogniser();
    recogniser.feed(writeSolution(address, { style: 'target', random: seededRandom('reader') }).text);
    expect(recogniser.end()).toBe('ok');
  });

  test('does not hang on long or strange text', () => {
    const before = process.cpuUsage();
    for (const text of [
      'a '.repeat(3000),
      '9 '.repeat(1900),
      'Mia has 12 pens. '.repeat(200),
      '|'.repeat(4000),
      'x'.repeat(100_000),
    ]) {
      expect(readProblem(text).known).toBe(false);
    }
    // what other programs do meanwhile does not count
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(60);
  });
});
