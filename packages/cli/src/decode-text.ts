import { JudgeDecodingError } from '@judge-decoding/core';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Bytes as text: UTF-8, or UTF-16 where a byte-order mark says so (Windows PowerShell pipes it). */
export function decodeText(bytes: Uint8Array): string {
  const decoder = textDecoder();
  return decoder.decode(bytes) + decoder.finish();
}

export interface PipedText {
  decode(bytes: Uint8Array): string;
  finish(): string;
}

/**
 * Decodes a pipe part by part. What is no text is refused: half of it would be other characters.
 */
export function textDecoder(): PipedText {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let encoding: Encoding = 'utf-8';
  let start = new Uint8Array(0);
  const checked = (decode: () => string): string => {
    let text: string;
    try {
      text = decode();
    } catch (cause) {
      throw notText(`bytes that are no ${encoding === 'utf-8' ? 'UTF-8' : 'UTF-16'}`, cause);
    }
    if (text.includes('\0')) throw notText('NUL characters, as in UTF-16 without a byte-order mark');
    return text;
  };
  const begin = (): string => {
    encoding = encodingOf(start);
    decoder = new TextDecoder(encoding, { fatal: true });
    return checked(() => decoder!.decode(start, { stream: true }));
  };
  return {
    decode(bytes) {
      if (decoder !== undefined) return checked(() => decoder!.decode(bytes, { stream: true }));
      // a mark of two bytes may come in two parts
      const taken = bytes.subarray(0, 2 - start.length);
      start = Uint8Array.of(...start, ...taken);
      if (start.length < 2) return '';
      const rest = bytes.subarray(taken.length);
      return begin() + checked(() => decoder!.decode(rest, { stream: true }));
    },
    finish: () => (decoder === undefined ? begin() : '') + checked(() => decoder!.decode()),
  };
}

const notText = (got: string, cause?: unknown) =>
  new JudgeDecodingError(
    'invalid-input',
    `Expected text in UTF-8, or in UTF-16 with a byte-order mark, got ${got}. Convert it first, with iconv for example.`,
    { cause },
  );

function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}
