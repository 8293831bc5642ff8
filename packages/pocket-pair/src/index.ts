import { fileURLToPath } from 'node:url';

/** Files lie beside `src` and `dist` alike. */
const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A Hugging Face folder: `LlamaForCausalLM`, bfloat16. */
export const targetFolder: string = file('target');

/** A Hugging Face folder with the same tokenizer as the target's. */
export const draftFolder: string = file('draft');

/** `pre-norm` is the paper's; `post-norm` is for engines that show no other state; the third reads the row before, too. */
export const HEAD_KINDS = ['pre-norm', 'post-norm', 'pre-norm-and-previous'] as const;

/** The one that `judge` uses where none is named. */
export const USUAL_HEAD: (typeof HEAD_KINDS)[number] = 'pre-norm-and-previous';

/** A judge head for the target (safetensors). */
export const headFile = (kind: (typeof HEAD_KINDS)[number]): string => file(`heads/${kind}.safetensors`);
