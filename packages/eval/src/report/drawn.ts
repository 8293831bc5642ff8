import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Width, in pixels, of a plot for a page. */
export const WIDE = 760;
/** For a phone. */
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
