const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** First names of women and girls. */
export const WOMEN: readonly string[] = words(`
  Mia Anna Carla Eva Gina Iris Kira Olga Alice Amy Clara Dora Ella Emma Grace Greta Hana Helen Ida Jill Lena Lily
  Lucy Nina Nora Rita Ada Amelia Ann Anne Ava Bella Beth Carmen Chloe Daisy Diana Elena Elisa Elsa Emily Fatima
  Fiona Frida Gloria Hannah Heidi Holly Ines Ingrid Isla Jane Jasmine Jenny Jessica Joan Julia Karen Kate Katie
  Laila Laura Lea Linda Lisa Lola Lotte Louise Luna Maggie Maria Marie Mary Maya Meg Megan Mei Mila Molly Naomi
  Natalie Nadia Olivia Paula Petra Polly Priya Rachel Rebecca Rosa Rose Ruby Ruth Sally Sandra Sara Sarah Selma
  Sofia Sophie Stella Susan Tara Tina Vera Victoria Wendy Yara Yuki Zara Zoe`);

/** First names of men and boys. */
export const MEN: readonly string[] = words(`
  Leo Ben Dan Finn Hugo Jack Noah Paul Adam Bob David Emil Erik Fred Jan Josh Karl Mark Max Oscar Otto Peter Aaron
  Abel Ahmed Alan Alex Ali Anton Arthur Bill Boris Brian Bruno Caleb Carl Carlos Charlie Chris Cole Daniel Dave Dean
  Diego Dylan Eli Elias Eric Ethan Felix Frank Gabriel George Greg Hans Harry Henry Ian Igor Ivan Jacob Jake James
  Jamal Jason Jim Joe Joel John Jonas Juan Kai Ken Kevin Kofi Lars Liam Louis Luca Lucas Luis Luke Marco Mario Martin
  Mateo Matt Mike Milo Mohamed Nick Nico Nils Oliver Omar Owen Pablo Pedro Phil Pierre Rafael Raj Ravi Ray Rob Robert
  Robin Ron Ryan Sam Simon Stefan Steve Sven Theo Tim Toby Tom Tony Victor Walter Yusuf Zack`);

export const NAMES: readonly string[] = [...WOMEN, ...MEN];

/** Countable things and creatures, in the plural. */
export const ITEMS: readonly string[] = words(`
  apples pens coins books cards shells stamps marbles cookies stickers ribbons buttons pencils balls oranges bananas
  pears plums peaches cherries grapes lemons mangoes melons strawberries blueberries berries tomatoes potatoes carrots
  onions cucumbers peppers beans nuts walnuts almonds eggs loaves rolls buns bagels cakes cupcakes muffins pies
  pancakes waffles donuts doughnuts biscuits crackers sweets candies chocolates lollipops sandwiches pizzas burgers
  sausages pretzels bottles cans jars cups glasses mugs plates bowls spoons forks knives boxes bags baskets buckets
  toys dolls cars trucks trains planes boats bikes bicycles blocks bricks tiles puzzles games kites balloons robots
  figures dice beads pearls gems diamonds crystals rocks stones pebbles sticks logs planks nails screws bolts tools
  hammers keys locks lamps candles bulbs batteries phones computers tablets cameras photos pictures paintings posters
  postcards letters envelopes magazines newspapers comics notebooks notes pages papers folders erasers rulers crayons
  markers brushes paints scissors clips pins badges medals trophies tickets tokens chips points stars dollars euros
  pounds cents francs pesos yen flowers roses tulips daisies lilies plants seeds bulbs leaves trees bushes acorns
  pinecones feathers chairs tables desks shelves pillows blankets towels sheets curtains rugs hats caps scarves gloves
  socks shoes boots shirts dresses skirts jackets coats sweaters belts ties rings bracelets necklaces earrings watches
  clocks umbrellas cats dogs puppies kittens rabbits hamsters mice fish goldfish birds parrots chickens hens ducks
  geese sheep goats cows pigs horses ponies bees ants butterflies snails frogs turtles lizards spiders worms people
  children students pupils passengers guests visitors players customers workers tourists friends members fans
  songs videos movies films messages emails files tasks lessons songs cubes drinks juices sodas snacks peanuts dates
  figs kiwis pumpkins mushrooms radishes turnips cabbages noodles dumplings tacos teabags crates cartons sacks
  parcels packages presents gifts cards tapes records discs drums guitars flutes violins whistles bells flags ropes
  strings threads needles masks wheels tyres tires helmets skates bats rackets arrows darts goals shoelaces coupons
  vouchers receipts maps globes magnets shells stones tents lanterns mats ladders brooms combs soaps sponges pans pots
  lids straws napkins trays nests eggshells cones sandals slippers slices bars pieces miles kilometers litres liters
  grams kilos hours minutes days steps laps votes likes followers houses rooms windows doors seats beds robots rockets
  dinosaurs dragons elephants lions tigers monkeys bears penguins dolphins whales foxes wolves`).filter(
  (word, at, all) => all.indexOf(word) === at,
);

/** What is asked for with "how much money". */
export const MONEY: readonly string[] = words('dollars euros pounds cents francs pesos yen coins');

/** Words before a thing. */
export const ADJECTIVES: readonly string[] = words(`
  red blue green yellow white black brown pink purple orange golden silver big small large little tiny old new fresh
  ripe round wooden glass plastic paper toy rare shiny colorful colourful empty full used hot cold sweet sour wild
  young baby chocolate lucky soft long short`);

/** Where things come by the number. */
export const PACKS: readonly string[] = words(`
  boxes bags packs packets baskets crates jars bottles cartons trays sets bundles rows bunches shelves sacks cases
  piles stacks groups buckets albums tins cups plates`);

/** Who else takes part, without a name. */
export const OTHERS: readonly string[] = [
  'a friend',
  'her friend',
  'his friend',
  'a neighbour',
  'a neighbor',
  'the neighbour',
  'the neighbor',
  'the teacher',
  'a teacher',
  'her brother',
  'his brother',
  'her sister',
  'his sister',
  'her mother',
  'his mother',
  'her father',
  'his father',
  'her mom',
  'his mom',
  'her dad',
  'his dad',
  'grandma',
  'grandpa',
  'her grandma',
  'his grandma',
  'her grandpa',
  'his grandpa',
  'her aunt',
  'his aunt',
  'his uncle',
  'her uncle',
  'her cousin',
  'his cousin',
  'a cousin',
  'a classmate',
  'a stranger',
  'her boss',
  'his boss',
  'the shop',
  'the store',
  'a customer',
  'mom',
  'dad',
  'my friend',
  'my brother',
  'my sister',
  'my mother',
  'my father',
  'my mom',
  'my dad',
];

/** Who tells a story without a name: where it stands first, and what it is called later. */
export const ROLES: readonly string[] = [
  'my brother',
  'my sister',
  'my mother',
  'my father',
  'my friend',
  'my cousin',
  'my uncle',
  'my aunt',
  'my grandma',
  'my grandpa',
  'my teacher',
  'a farmer',
  'a baker',
  'a teacher',
  'a boy',
  'a girl',
  'a man',
  'a woman',
  'a child',
  'a student',
  'a gardener',
  'a collector',
  'a shopkeeper',
  'a merchant',
  'a fisherman',
  'a painter',
  'a builder',
  'a pirate',
  'a king',
  'a queen',
  'a wizard',
  'the farmer',
  'the baker',
  'the teacher',
  'the boy',
  'the girl',
  'a shop',
  'a store',
  'a bakery',
  'a library',
  'a school',
  'a factory',
  'a company',
  'a museum',
  'a team',
  'a club',
  'a class',
  'a zoo',
  'a restaurant',
  'a hotel',
  'a farm',
  'a family',
];

/** Where things or people are. */
export const PLACES: readonly string[] = words(`
  box bag basket jar drawer shop store bus train plane boat ship room library garden park field farm barn pond lake
  tree shelf table desk fridge kitchen school class classroom hall house garage warehouse truck bowl bucket tank zoo
  nest hive museum cinema theatre theater restaurant cafe hotel pool gym club market bakery drawer chest crate tray
  parking lot playground forest forest bank yard stadium office queue line pot pan purse wallet backpack`).filter(
  (word, at, all) => all.indexOf(word) === at && word !== 'parking' && word !== 'lot',
);

/** What else stands at the head of a table's row. */
export const LABELS: readonly (readonly string[])[] = [
  words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday'),
  words('January February March April May June July August September October November December'),
  words(`London Paris Berlin Rome Madrid Vienna Oslo Lisbon Dublin Prague Warsaw Athens Cairo Tokyo Delhi Lima Boston
    Chicago Denver Miami Dallas Seattle Toronto Sydney Zurich Geneva Milan Munich Hamburg Lyon`),
  words('red blue green yellow white black brown pink purple orange grey silver gold'),
  words(`apples pears plums bananas oranges lemons cherries grapes peaches melons mangoes kiwis figs dates carrots
    tomatoes potatoes onions beans`),
  words('cats dogs birds fish rabbits horses cows pigs sheep goats ducks hens bees frogs mice'),
  words('pens pencils books notebooks rulers erasers crayons markers folders bags'),
  words('math maths science history art music sport English French German physics biology'),
  words('A B C D E F G H I J K L M N'),
  words('North South East West'),
  words('breakfast lunch dinner tea coffee juice water milk bread cheese'),
];

/** What a table counts, where it is not a thing that somebody owns. */
export const MEASURES: readonly string[] = words(`
  points goals votes visitors sales scores steps laps pages tickets orders calls customers medals kilometers miles
  hours minutes euros dollars degrees grades books likes wins marks calories runs guests meals trees seats`);

const IRREGULAR: Readonly<Record<string, string>> = {
  loaves: 'loaf',
  knives: 'knife',
  leaves: 'leaf',
  shelves: 'shelf',
  scarves: 'scarf',
  wolves: 'wolf',
  mice: 'mouse',
  geese: 'goose',
  people: 'person',
  children: 'child',
  dice: 'die',
  fish: 'fish',
  goldfish: 'goldfish',
  sheep: 'sheep',
  yen: 'yen',
  cookies: 'cookie',
  movies: 'movie',
  pies: 'pie',
  ties: 'tie',
  shoes: 'shoe',
  scissors: 'scissors',
};

/** One of many: "pen" of "pens". */
export function singular(plural: string): string {
  const space = plural.lastIndexOf(' ');
  const of = plural.indexOf(' of ');
  if (of >= 0) return singular(plural.slice(0, of)) + plural.slice(of);
  if (space >= 0) return plural.slice(0, space + 1) + singular(plural.slice(space + 1));
  const known = IRREGULAR[plural];
  if (known !== undefined) return known;
  if (/ies$/.test(plural)) return plural.replace(/ies$/, 'y');
  if (/(ch|sh|ss|x|zz|oe)es$/.test(plural)) return plural.replace(/es$/, '');
  return plural.replace(/s$/, '');
}

/** The things of which this is one: what `singular` makes of them. */
export function plural(one: string): string {
  const space = one.lastIndexOf(' ');
  const [before, word] = [one.slice(0, space + 1), one.slice(space + 1)];
  const known = Object.entries(IRREGULAR).find(([, single]) => single === word)?.[0];
  if (known !== undefined) return before + known;
  if (/[^aeiou]y$/.test(word)) return before + word.replace(/y$/, 'ies');
  return before + word + (/(ch|sh|ss|x|zz)$/.test(word) ? 'es' : 's');
}

export const isOne = (text: string): boolean => text === '1' || text === 'one';
