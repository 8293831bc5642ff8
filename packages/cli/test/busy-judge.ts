import { JudgeDecodingError } from '@judge-decoding/core';
import { main } from '../src/index.ts';
import { BACKENDS } from '../src/pair/backends.ts';

/**
 * A `judge` of its own process whose models never open, and which says so if it is ever told to exit
 * as programs usually do: there, native code would be waited for. `gives-up` has the backend answer Ctrl-C.
 * `as-it-is` is the plain program.
 */
const [mode, ...argv] = process.argv.slice(2);
const real = mode === 'as-it-is';
if (!real) process.on('exit', () => process.stderr.write('waiting for native code\n'));
const open = ({ signal }: { readonly signal?: AbortSignal | undefined }) =>
  new Promise<never>((_, reject) => {
    const alive = setInterval(() => undefined, 1000);
    signal?.addEventListener('abort', () => {
      process.stderr.write('first\n');
      if (mode !== 'gives-up') return;
      clearInterval(alive);
      reject(new JudgeDecodingError('aborted', 'given up'));
    });
    process.stderr.write('opening\n');
  });
const code = await main(argv, real ? {} : { backends: { cpu: { ...BACKENDS.cpu!, open } } });
if (real && code >= 128) process.exit(code);
process.exitCode = code;
