/** The parts that every report page is made of: one style, light and dark, no script. */
export { escaped, figure, page, paragraph, section, tableHtml } from './page.ts';
export { drawn, NARROW, WIDE } from './plots.ts';
export type { Table } from './table.ts';
