import type { ModelConfig } from '@judge-decoding/checkpoint';
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
  const scaling = config.rope.scaling === null ? '' : `, scaled (${config.rope.scaling.type})`;
  const context = Math.min(MOST_CONTEXT_BY_DEFAULT, config.contextLength);
  return [
    ['model', `${facts.name}, ${millions(facts.parameters)} parameters`],
    ['architecture', `${config.architecture}${biased.length > 0 ? ', with biases as in Qwen2' : ''}`],
    ['layers', `${config.layers}, hidden size ${config.hiddenSize}, feed-forward ${config.intermediateSize}`],
    [
      'attention',
      `${config.attentionHeads} heads of ${config.headDim} over ${config.keyValueHeads} key-value heads` +
        (biased.length > 0 ? `, biases on ${biased.map(([part]) => part).join(', ')}` : ''),
    ],
    ['positions', `${config.contextLength} tokens, rotary base ${config.rope.theta}${scaling}`],
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
  return [...counts].map(([as, count]) => `${count} matrices ${as}`).join(', ');
}

const padding = ({ vocabSize, tokenCount }: ModelConfig): string =>
  vocabSize > tokenCount ? ` and ${vocabSize - tokenCount} rows of padding` : '';
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const millions = (count: number): string =>
  count >= 1e9 ? `${(count / 1e9).toFixed(2)} G` : `${(count / 1e6).toFixed(2)} M`;
