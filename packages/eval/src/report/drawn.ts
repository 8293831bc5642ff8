import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Widths, in pixels, of the two forms of a plot: for a page and for a phone. */
export const WIDE = 760;
export const NARROW = 360;

/** The same options always give the same SVG: no random names, no clock. */
export function drawn(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({
    ...options,
    document: document as never,
    className: 'plot',
  });
  // the page's style sheet has what Plot would put into each picture
  return plot.outerHTML.replace(/<style>[\s\S]*?<\/style>/, '');
}
