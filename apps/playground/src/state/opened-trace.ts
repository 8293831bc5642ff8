import { parseTrace, type Trace } from '@judge-decoding/trace';
import { signal } from '@preact/signals';
import { unpack } from '../parts/packed.ts';

export interface OpenedTrace {
  readonly trace: Trace;
  readonly name: string;
}

export const opened = signal<OpenedTrace | undefined>(undefined);
export const traceFault = signal<string | undefined>(undefined);

export function openTrace(trace: Trace, name: string): void {
  opened.value = { trace, name };
  traceFault.value = undefined;
}

/** Reads a trace from its text; what is none is refused with a sentence. */
async function read(name: string, text: () => Promise<string>): Promise<void> {
  try {
    openTrace(parseTrace(await text(), name), name);
  } catch (error) {
    opened.value = undefined;
    traceFault.value = (error as Error).message;
  }
}

export const openTraceFile = (file: File): Promise<void> => read(file.name, () => file.text());

export const openTraceAt = (address: string): Promise<void> =>
  read(address, async () => {
    const url = new URL(address, document.baseURI);
    if (!/^https?:$/.test(url.protocol)) throw new Error(`Expected an address of the web, got ${address}.`);
    const response = await fetch(url).catch((cause: unknown) => {
      throw new Error(
        `${url.href} could not be read: ${String(cause)}. The server may not allow other pages to read it: download the file, and drop it here.`,
      );
    });
    if (!response.ok) throw new Error(`Expected a trace at ${url.href}, got ${response.status}.`);
    return response.text();
  });

export const openPackedTrace = (packed: string): Promise<void> => read('the link', () => unpack(packed));
