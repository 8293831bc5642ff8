import type { Progress } from '@judge-decoding/train';

/** What a phase of training is called while it runs. */
export const PHASES: Readonly<Record<Progress['phase'], string>> = {
  answers: 'writing answers',
  suggest: 'reading answers',
  label: 'labelling',
  features: 'reading hidden states',
  fit: 'fitting heads',
  controls: 'fitting heads on shuffled labels, to compare with',
  ablations: 'fitting heads to compare with',
};
