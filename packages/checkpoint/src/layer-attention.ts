import type { ModelConfig, Rope } from './model-config.ts';

/** How far one layer looks back, and how it knows positions. */
export interface LayerAttention {
  /** Tokens that a token sees, itself among them; `null` for all before it. */
  readonly window: number | null;
  /** How queries and keys are turned; `null` where they are not. */
  readonly rope: Rope | null;
}

/** How one layer looks back. */
export function layerAttention(
  { rope, slidingWindow, unrotatedLayers }: Pick<ModelConfig, 'rope' | 'slidingWindow' | 'unrotatedLayers'>,
  layer: number,
): LayerAttention {
  const windowed = slidingWindow?.layers.includes(layer) ? slidingWindow : undefined;
  return {
    window: windowed?.size ?? null,
    rope: unrotatedLayers.includes(layer) ? null : (windowed?.rope ?? rope),
  };
}
