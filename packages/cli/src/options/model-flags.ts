import type { Command } from 'commander';
import { badFlag, countFlag, threadsFlag } from './flag-value.ts';
import { addOverGpus } from './over-gpus.ts';

export interface ModelFlags {
  readonly target?: string;
  readonly draft?: string;
  readonly backend: string;
  readonly device?: string;
  readonly dtype?: string;
  /** As those of the target where absent. */
  readonly draftBackend?: string;
  readonly draftDevice?: string;
  readonly draftDtype?: string;
  readonly threads?: number;
  readonly context?: number;
  /** `--exact` or `--no-exact`; absent where neither was said. */
  readonly exact?: boolean;
  /** `exact` or `fast`; exact where absent. */
  readonly prefill?: string;
}

/** Longer contexts cost memory from the start: ask for them. */
export const MOST_CONTEXT_BY_DEFAULT = 4096;

/** What is said of --dtype everywhere. */
export const DTYPE_HELP =
  'run the weights as auto, fp32, int8 or int4 on cpu (auto: a quantised file as it is, floats as fp32, as int8 above a gigabyte); as auto, bf16, fp16, fp8, int8, int4, q8_0 or q4_0 on cuda (auto: as stored where one of them holds that, else int8 for a quantised file, bf16 for floats)';

export function addModelFlags(command: Command): Command {
  const machine = command
    .optionsGroup('Models:')
    .option(
      '--target <model>',
      'the model whose answer counts: a Hugging Face folder, a GGUF file, or a name in $JUDGE_MODELS (default: the embedded pocket pair)',
    )
    .option(
      '--draft <model>',
      'the small model that proposes, with the same tokenizer; `ngram` looks up in the text so far, `none` proposes nothing (default: the pocket pair’s own, else none)',
    )
    .optionsGroup('Machine:')
    .option('--backend <name>', 'what runs the models: cpu, cuda (an NVIDIA GPU) or webgpu (any GPU)', 'cpu')
    .option(
      '--device <name>',
      'which of the backend’s devices, such as cuda:1, or cuda:0,1 for a model over both (default: its first)',
    );
  return addOverGpus(machine)
    .option('--dtype <type>', DTYPE_HELP)
    .option('--draft-backend <name>', 'what runs the draft (default: as the target)')
    .option('--draft-device <name>', 'the draft’s device (default: the target’s, or its backend’s first)')
    .option('--draft-dtype <type>', 'how the draft’s weights are run (default: as the target’s)')
    .option('--threads <n>', 'threads for the target; the backend knows what its draft needs', threadsFlag)
    .option(
      '--context <n>',
      `tokens of context (default: the model’s, at most ${MOST_CONTEXT_BY_DEFAULT})`,
      countFlag('--context', 2),
    )
    .option(
      '--exact',
      'make passes of any width the same to the last bit, so that strict decoding writes plain decoding’s text with weights of few bits, too; on processors that sum a row alone in another order a token decoded alone takes up to a fifth longer (default: where weights are of few bits, with a draft and beside --compare)',
    )
    .option('--no-exact', 'leave passes as fast as they are, with a draft and beside --compare, too')
    .option(
      '--prefill <how>',
      'on cuda: read prompts as exactly as tokens are decoded (exact), or at the speed of matrix products through cuBLASLt (fast), after which last bits may be others (default: exact)',
    );
}

/** `--draft 16` is how llama.cpp once spelt the draft length. */
export function checkDraftIsNoNumber(draft: string | undefined): void {
  if (draft !== undefined && /^\d+$/.test(draft)) {
    throw badFlag('--draft', 'a model folder', draft, `For the draft length write --draft-length ${draft}.`);
  }
}
