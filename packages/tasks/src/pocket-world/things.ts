export const NAMES = [
  'Anna', 'Ben', 'Carla', 'Dan', 'Eva', 'Finn', 'Gina', 'Hugo',
  'Iris', 'Jack', 'Kira', 'Leo', 'Mia', 'Noah', 'Olga', 'Paul',
] as const;

export const ITEMS = [
  'apples', 'pens', 'coins', 'books', 'cards', 'shells',
  'stamps', 'marbles', 'cookies', 'stickers', 'ribbons', 'buttons',
] as const;
