import { fileURLToPath } from 'node:url';

/** Files lie beside `src` and `dist` alike. */
const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A Hugging Face folder: `LlamaForCausalLM`, bfloat16. */
export const targetFolder: string = file('target');

/** A Hugging Face folder with the same tokenizer as the target's. */
export const draftFolder: string = file('draft');

/** A head file by kind: `pre-norm` is the paper's. */
export const headFile = (kind: string): string => file(`heads/${kind}.safetensors`);

/**
 * Domains of the pocket world that this pair speaks well. The world has more than the pair has
 * learned: the model card tells.
 */
export const learnedDomains = ['words', 'lists'] as const;
