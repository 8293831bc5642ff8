/**
 * A gap between a row's two largest logits, in standard deviations of that row's logits, under which
 * rounding alone may decide: float32 moves logits by less than 1e-3 of their spread, narrower weight types
 * by less than 2e-2.
 */
export const nearTieGap = (dtype: string): number => (dtype === 'fp32' || dtype === 'float32' ? 1e-3 : 2e-2);
