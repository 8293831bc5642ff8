import { type MeasurePasses, measurePasses, type PassSamples } from '../row-curve/measure-passes.ts';
import { closeOurs, opened, openOurs } from './ours.ts';
import { productCurve } from './products.ts';

const calls = {
  openOurs,
  closeOurs,
  productCurve,
  passes: (options: MeasurePasses): Promise<PassSamples> => measurePasses(opened().target, options),
};
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
