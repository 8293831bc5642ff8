/** The clock of every expected rendering. */
export const clock = () => new Date(2026, 10, 8, 9, 5, 7);

export function raise(message) {
  throw new Error(String(message));
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const two = (value) => String(value).padStart(2, '0');

/** The directives this project had before. */
export function strftime(date, format) {
  const written = {
    '%Y': String(date.getFullYear()),
    '%y': two(date.getFullYear() % 100),
    '%m': two(date.getMonth() + 1),
    '%B': MONTHS[date.getMonth()],
    '%b': MONTHS[date.getMonth()].slice(0, 3),
    '%d': two(date.getDate()),
    '%e': String(date.getDate()).padStart(2),
    '%A': DAYS[date.getDay()],
    '%a': DAYS[date.getDay()].slice(0, 3),
    '%H': two(date.getHours()),
    '%M': two(date.getMinutes()),
    '%S': two(date.getSeconds()),
    '%%': '%',
  };
  return format.replace(/%./g, (directive) => written[directive] ?? directive);
}
