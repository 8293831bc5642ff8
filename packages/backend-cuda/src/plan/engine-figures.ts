import type { EngineFigures } from './predict-pass.ts';

/** Made by `npm run report -- calibrate` in tools/gpu-report: do not write here. */
export const ENGINE_FIGURES: EngineFigures = {
  source: 'docs/gpu/speed.json of engine 3f36d5f2506c354f',
  readShare: 0.93,
  perLayer: {
    bf16: 0.0177,
    fp16: 0.0244,
    fp8: 0.0277,
    int8: 0.0254,
    int4: 0.0287,
    q8_0: 0.0265,
    q4_0: 0.0287,
  },
  perCall: 0.119,
  width: {
    bf16: [
      [2, 0.0059],
      [8, 0.011],
      [16, 0.0269],
      [26, 0.0695],
      [32, 0.0857],
      [64, 0.205],
    ],
    fp16: [
      [26, 0.1],
      [64, 0.406],
    ],
    fp8: [
      [2, 0.00429],
      [8, 0.00429],
      [16, 0.0173],
      [26, 0.0603],
      [32, 0.0738],
      [64, 0.249],
    ],
    int8: [
      [2, 0.00374],
      [8, 0.00374],
      [16, 0.0191],
      [26, 0.0597],
      [32, 0.0723],
      [64, 0.254],
    ],
    int4: [
      [2, 0],
      [8, 0],
      [16, 0.0479],
      [26, 0.113],
      [32, 0.124],
      [64, 0.389],
    ],
    q8_0: [
      [26, 0.0732],
      [64, 0.356],
    ],
    q4_0: [
      [26, 0.127],
      [64, 0.409],
    ],
  },
  cache: 0.803,
  attention: 5.47,
  sum: {
    '2': 0.75,
    '4': 1.25,
    '8': 3,
  },
  linkShare: 0.7,
};
