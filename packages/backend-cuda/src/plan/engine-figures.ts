import type { EngineFigures } from './predict-pass.ts';

/** Made by `npm run report -- calibrate` in tools/gpu-report: do not write here. */
export const ENGINE_FIGURES: EngineFigures = {
  source: 'docs/gpu/speed.json of engine 7ffe90ec0450bb59',
  readShare: 0.941,
  perLayer: {
    bf16: 0.0196,
    fp8: 0.0282,
    int8: 0.0249,
    int4: 0.0285,
  },
  perCall: 0.091,
  width: {
    bf16: [
      [2, 0.0071],
      [8, 0.0114],
      [16, 0.0265],
      [26, 0.071],
      [32, 0.0871],
      [64, 0.208],
    ],
    fp8: [
      [2, 0.00712],
      [8, 0.0072],
      [16, 0.019],
      [26, 0.0696],
      [32, 0.0871],
      [64, 0.251],
    ],
    int8: [
      [2, 0.00528],
      [8, 0.00528],
      [16, 0.0237],
      [26, 0.0536],
      [32, 0.0722],
      [64, 0.244],
    ],
    int4: [
      [2, 0.000303],
      [8, 0.000303],
      [16, 0.0529],
      [26, 0.119],
      [32, 0.129],
      [64, 0.382],
    ],
  },
  cache: 1,
  attention: 5.36,
  sum: {
    '2': 0.75,
    '4': 1.25,
    '8': 3,
  },
  linkShare: 0.7,
};
