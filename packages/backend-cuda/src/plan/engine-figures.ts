import type { EngineFigures } from './predict-pass.ts';

/** Made by `npm run report -- calibrate` in tools/gpu-report: do not write here. */
export const ENGINE_FIGURES: EngineFigures = {
  source: 'docs/gpu/speed.json of engine 019fc23f39cfe6dd',
  readShare: 0.925,
  perLayer: {
    bf16: 0.0225,
    fp8: 0.0276,
    int8: 0.0247,
    int4: 0.0304,
  },
  perCall: 0.15,
  width: {
    bf16: [
      [2, 0],
      [8, 0.00916],
      [16, 0.0234],
      [26, 0.084],
      [32, 0.102],
      [64, 0.329],
    ],
    fp8: [
      [2, 0],
      [8, 0.00645],
      [16, 0.0207],
      [26, 0.0775],
      [32, 0.0929],
      [64, 0.252],
    ],
    int8: [
      [2, 0.00054],
      [8, 0.00563],
      [16, 0.0243],
      [26, 0.0604],
      [32, 0.079],
      [64, 0.245],
    ],
    int4: [
      [2, 0],
      [8, 0.0102],
      [16, 0.0506],
      [26, 0.123],
      [32, 0.158],
      [64, 0.484],
    ],
  },
  cache: 2.07,
  sum: {
    '2': 0.75,
    '4': 1.25,
    '8': 3,
  },
  linkShare: 0.7,
};
