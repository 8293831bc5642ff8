import type { Example } from './render/examples.ts';

/** What `judge --help` and `judge generate --help` show below their lists. */
export const EXAMPLES: readonly Example[] = [
  ['judge demo', 'a problem, answered in colour'],
  ['judge problems --count 10 --solve --verify judge', 'ten problems, answered and graded'],
  ['judge generate "…" --target ./big --draft ./small', 'your own models, strict by default'],
  ['judge chat --target big.gguf --draft small.gguf', 'GGUF files too'],
  ['judge generate "…" --verify judge --threshold 0.995', 'let the judge in, lossy'],
  ['judge generate "…" --json | jq .statistics', 'numbers for a program'],
];

export const GENERATE_EXAMPLES: readonly Example[] = [
  ['judge generate "Why is the sky blue?" --target ./SmolLM2-135M-Instruct', 'one model'],
  ['judge generate "$(judge problems)" --verify judge --compare', 'what does it buy?'],
  ['judge generate "Once upon" --raw --target big.gguf --draft small.gguf -n 64'],
  ['judge generate "…" --verify judge+kl:0.3', 'either may let a token in'],
  ['judge generate "…" --verify lossless --temperature 0.8 --seed 7', 'sampling'],
  [
    `judge generate "…" --speculative-config '{"verify":{"allOf":["judge","topk:4"]}}'`,
    'both must let it in',
  ],
];

export const ENVIRONMENT: readonly Example[] = [
  ['JUDGE_CACHE', 'where graphs and measurements are kept (default: judge-decoding in your cache folder)'],
  ['JUDGE_MODELS', 'a folder of models: --target NAME finds them there'],
  ['JUDGE_POCKET', 'another pocket pair: a folder with target, draft and heads in it'],
  ['NO_COLOR', 'no colours; FORCE_COLOR: colours in a pipe, too'],
  ['JUDGE_DEBUG', 'show where an unexpected fault came from'],
];
