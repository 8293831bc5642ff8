import { type ErrorCode, JudgeDecodingError } from '@judge-decoding/core';
import { CODE } from './abi.ts';
import { driverHere } from './driver.ts';

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
};

/** CUDA says the same of a driver that is too old and of one that is not there. */
const withoutDevice = (driver: string | undefined): string =>
  driver === undefined
    ? 'This machine has no NVIDIA driver: install it where there is an NVIDIA GPU, else use --backend cpu.'
    : `See that \`nvidia-smi\` lists a GPU and that NVIDIA’s driver${driver === 'unknown' ? '' : `, here ${driver},`} is as new as the library asks for (a release: 555), or use --backend cpu.`;

/** The error that a code and a sentence of the library stand for. */
export function libraryError(
  code: number,
  message: string,
  driver: () => string | undefined = driverHere,
): JudgeDecodingError {
  const said = message === '' ? `The CUDA library failed with code ${code} and no word why.` : message;
  const next = code === CODE.JC_NO_DEVICE ? withoutDevice(driver()) : NEXT[code];
  return new JudgeDecodingError(CODES[code] ?? 'device', [said, next].filter(Boolean).join(' '));
}
