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
      [8, 0.00895],
      [16, 0.0238],
      [26, 0.0714],
      [32, 0.0842],
      [64, 0.218],
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
      [8, 0.00422],
      [16, 0.0427],
      [26, 0.12],
      [32, 0.136],
      [64, 0.388],
    ],
  },
  cache: 2.07,
  attention: 5.92,
  sum: {
    '2': 0.75,
    '4': 1.25,
    '8': 3,
  },
  linkShare: 0.7,
};
