import { type ErrorCode, JudgeDecodingError } from '@judge-decoding/core';
import { CODE } from './abi.ts';

const CODES: Readonly<Record<number, ErrorCode>> = {
  [CODE.JC_INVALID]: 'invalid-input',
  [CODE.JC_UNSUPPORTED]: 'unsupported',
  [CODE.JC_OUT_OF_MEMORY]: 'device',
  [CODE.JC_DEVICE]: 'device',
  [CODE.JC_ABORTED]: 'aborted',
  [CODE.JC_NO_DEVICE]: 'device',
};

/** What to do next, where the sentence of the library cannot know it. */
const NEXT: Readonly<Record<number, string>> = {
  [CODE.JC_OUT_OF_MEMORY]:
    'Close other models or programs on this GPU, or use fewer bits (--dtype int8, int4) or a shorter context.',
  [CODE.JC_DEVICE]: 'Models on this device refuse further work: open them again.',
  [CODE.JC_NO_DEVICE]: 'Install NVIDIA’s driver, see that `nvidia-smi` lists a GPU, or use --backend cpu.',
};

/** The error that a code and a sentence of the library stand for. */
export function libraryError(code: number, message: string): JudgeDecodingError {
  const said = message === '' ? `The CUDA library failed with code ${code} and no word why.` : message;
  return new JudgeDecodingError(CODES[code] ?? 'device', [said, NEXT[code]].filter(Boolean).join(' '));
}
