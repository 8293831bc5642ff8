import { NotSupported } from '../errors.ts';
import { prettyRepr } from '../pretty-repr.ts';
import type { FilterFunction } from '../runtime.ts';
import { tojson } from './json-filter.ts';
import { numberFilters } from './number-filters.ts';
import { selectFilters } from './select-filters.ts';
import { sequenceFilters } from './sequence-filters.ts';
import { textFilters } from './text-filters.ts';

/** Filters of jinja2 that no chat template was seen to use. */
const refused = (name: string): [string, FilterFunction] => [
  name,
  () => {
    throw new NotSupported(`the filter ${name}`);
  },
];

/** Every filter of jinja2, by name. */
export const filters: ReadonlyMap<string, FilterFunction> = new Map([
  ...Object.entries(textFilters),
  ...Object.entries(sequenceFilters),
  ...Object.entries(selectFilters),
  ...Object.entries(numberFilters),
  ['tojson', tojson],
  ['d', sequenceFilters.default!],
  ['pprint', prettyRepr],
  refused('urlize'),
  refused('wordwrap'),
]);
