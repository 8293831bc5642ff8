import { MAX_TRACE_BYTES } from '@judge-decoding/trace';

/** Text, compressed, as a link can hold it. */
export async function pack(text: string): Promise<string> {
  const bytes = await drained(
    new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw')),
    Infinity,
  );
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The text again. What was cut short, or would grow beyond what is read, is an error. */
export async function unpack(packed: string): Promise<string> {
  let binary: string;
  try {
    binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
  } catch (cause) {
    throw new Error('The link holds no trace: it was changed, or cut short on its way. Ask for the file.', {
      cause,
    });
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return new TextDecoder('utf-8', { fatal: true }).decode(await drained(stream, MAX_TRACE_BYTES));
  } catch (cause) {
    throw new Error('The link holds no trace: it was changed, or cut short on its way. Ask for the file.', {
      cause,
    });
  }
}

async function drained(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new Error(`It is longer than ${most} bytes.`);
    }
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
