import type { HeadLayer, HeadTerm, HiddenName, HiddenState } from '../backend.ts';

/** The name under which a pass is asked for the state that a term reads. */
export const hiddenNameOf = ({ layer, state }: Pick<HeadTerm, 'layer' | 'state'>): HiddenName =>
  nameOfState(layer, state) as HiddenName;

/** The same where it may be none: an earlier layer has no state after the final norm. */
export const nameOfState = (layer: HeadLayer, state: HiddenState): string =>
  layer === 'last' ? state : state === 'pre-norm' ? `layer-${layer}` : `layer-${layer} ${state}`;

/** The layer of a state: `last` for what is no name of an earlier one. */
export function layerOf(name: string): HeadLayer {
  const number = /^layer-([1-9]\d{0,5})$/.exec(name)?.[1];
  return number === undefined ? 'last' : Number(number);
}

/** What a term has to say to read a state. */
export const termStateOf = (name: HiddenName): Pick<HeadTerm, 'layer' | 'state'> => {
  const layer = layerOf(name);
  return { layer, state: layer === 'last' ? (name as HiddenState) : 'pre-norm' };
};
