import { type DecoderFeature, decoderFeatures, type ModelConfig } from '@judge-decoding/checkpoint';
import { MOST_CONTEXT_BY_DEFAULT } from '../options/model-flags.ts';
import type { HeadFit } from './head-fits.ts';
import type { ModelFacts } from './model-facts.ts';
import type { Runnable, RunnableOn } from './runnable.ts';

/** A name and what is known of it. */
type Line = readonly [string, string];

/** Facts about a model as a person reads them. */
export function modelLines(
  facts: ModelFacts,
  runs: readonly RunnableOn[],
  heads: readonly HeadFit[],
): readonly Line[] {
  const { config } = facts;
  const biased = Object.entries(config.attentionBias).filter(([, has]) => has);
  const context = Math.min(MOST_CONTEXT_BY_DEFAULT, config.contextLength);
  return [
    ['model', `${facts.name}, ${millions(facts.parameters)} parameters`],
    ['architecture', architecture(config)],
    ['layers', `${config.layers}, hidden size ${config.hiddenSize}, feed-forward ${config.intermediateSize}`],
    [
      'attention',
      `${config.attentionHeads} heads of ${config.headDim} over ${config.keyValueHeads} key-value heads` +
        (biased.length > 0 ? `, biases on ${biased.map(([part]) => part).join(', ')}` : '') +
        windows(config),
    ],
    ['positions', `${config.contextLength} tokens, ${rotary(config)}`],
    [
      'vocabulary',
      `${config.tokenCount} tokens${padding(config)}, ${config.tiedEmbeddings ? 'tied' : 'untied'} embeddings`,
    ],
    [
      'ends with',
      facts.endTokens.map(({ id, text }) => `${text ?? '?'} (${id})`).join(', ') || 'nothing of its own',
    ],
    ['chat template', facts.chatExample ?? 'none: the prompt is taken as it is'],
    [
      'stored as',
      `${Object.entries(facts.storedTypes)
        .map(([type, count]) => `${count} ${type}`)
        .join(', ')}; ${megabytes(facts.storedBytes)}`,
    ],
    ...runs.flatMap(runLines),
    [
      'cache',
      `${(facts.kvBytesPerToken / 1024).toFixed(1)} KiB a token, ${megabytes(facts.kvBytesPerToken * context)} at ${context} tokens`,
    ],
    ...heads.map(
      ({ file, fits, says }): Line => [
        'head',
        `${file}: ${fits ? 'fits' : 'does not fit'}${says === '' ? '' : `. ${says}`}`,
      ],
    ),
    ...(heads.length === 0 ? [['head', 'none beside it: name some with --head FILE'] as const] : []),
  ];
}

const FAMILIES: Readonly<Record<ModelConfig['family'], string>> = {
  llama: 'Llama',
  mistral: 'Mistral',
  qwen2: 'Qwen2',
  qwen3: 'Qwen3',
  smollm3: 'SmolLM3',
  gemma3: 'Gemma 3',
};

/** The family, and what it has that a plain Llama has not. */
function architecture(config: ModelConfig): string {
  const has: Readonly<Record<DecoderFeature, string | undefined>> = {
    queryKeyNorm: 'norms of queries and keys',
    outputNorms: 'norms of what each layer puts out',
    activation: 'gelu',
    embeddingScale: 'scaled embeddings',
    attentionScale: 'a scale of its own on attention scores',
    slidingWindow: 'sliding windows',
    unrotatedLayers: 'layers without positions',
    // a matter of how the file keeps its norms
    normOffset: undefined,
  };
  const features = decoderFeatures(config).flatMap((feature) => has[feature] ?? []);
  const name = FAMILIES[config.family];
  return features.length === 0 ? name : `${name}: ${features.join(', ')}`;
}

function windows({ slidingWindow, layers }: ModelConfig): string {
  if (slidingWindow === null) return '';
  const rest = layers - slidingWindow.layers.length;
  const whole = rest === 0 ? '' : `, ${rest} the whole text`;
  return `; ${slidingWindow.layers.length} layers see ${slidingWindow.size} tokens${whole}`;
}

function rotary({ rope, slidingWindow, unrotatedLayers, layers }: ModelConfig): string {
  const base = ({ theta, scaling }: ModelConfig['rope']) =>
    `${theta}${scaling === null ? '' : `, scaled (${scaling.type})`}`;
  const own = slidingWindow !== null && base(slidingWindow.rope) !== base(rope);
  const inWindows = own ? `, in windows ${base(slidingWindow.rope)}` : '';
  const none = unrotatedLayers.length === 0 ? '' : `, none in ${unrotatedLayers.length} of ${layers} layers`;
  return `rotary base ${base(rope)}${inWindows}${none}`;
}

/** Only what a backend runs is listed, with what its weights take then. */
function runLines({ backend, dtypes }: RunnableOn): readonly Line[] {
  const lines: Line[] = [];
  const can = dtypes.filter((each): each is Runs => !('refused' in each));
  const sizes = can
    .filter(({ dtype }) => dtype !== 'auto')
    .map(({ dtype, weightBytes }) => `${megabytes(weightBytes)} as ${dtype}`);
  if (sizes.length > 0) lines.push(['runs on', `${backend}, where the weights take ${sizes.join(', ')}`]);
  const auto = can.find(({ dtype }) => dtype === 'auto');
  if (auto !== undefined) {
    const read = megabytes(auto.bytesPerToken);
    lines.push([
      'by default',
      `${auto.as} on ${backend}: ${matrices(auto)}; a token reads ${read} of weights`,
    ]);
  }
  for (const each of dtypes) {
    if ('refused' in each) lines.push(['cannot run', `on ${backend} as ${each.dtype}: ${each.refused}`]);
  }
  return lines;
}

type Runs = Exclude<Runnable, { readonly refused: string }>;

function matrices({ matrices: carried }: Runs): string {
  const counts = new Map<string, number>();
  for (const { stored, held, count } of carried) {
    const as = `of ${stored} as ${held}`;
    counts.set(as, (counts.get(as) ?? 0) + count);
  }
  return [...counts].map(([as, count]) => `${count} ${count === 1 ? 'matrix' : 'matrices'} ${as}`).join(', ');
}

const padding = ({ vocabSize, tokenCount }: ModelConfig): string =>
  vocabSize > tokenCount ? ` and ${vocabSize - tokenCount} rows of padding` : '';
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const millions = (count: number): string =>
  count >= 1e9 ? `${(count / 1e9).toFixed(2)} G` : `${(count / 1e6).toFixed(2)} M`;
