import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Width, in pixels, of a plot for a page. */
export const WIDE = 760;
/** For a phone. */
export const NARROW = 360;

/**
 * An SVG of `options`, which are `Plot.PlotOptions`; said loosely, so that whoever compiles against these declarations
 * needs no types of d3. The same options always give the same SVG: no random names, no clock.
 */
export function drawn(options: object): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({
    ...(options as Plot.PlotOptions),
    document: document as never,
    className: 'plot',
  });
  // the page's style sheet has what Plot would put into each picture
  return plot.outerHTML.replace(/<style>[\s\S]*?<\/style>/, '');
}
