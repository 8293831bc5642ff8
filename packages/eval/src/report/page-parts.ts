/** The parts that every report page is made of: one style, light and dark, no script. */

export { drawn, NARROW, WIDE } from './drawn.ts';
export { escaped, figure, page, paragraph, section, tableHtml } from './page.ts';
export type { Table } from './table.ts';
