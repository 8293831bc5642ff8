import { type ClauseResult, checkBackend, toleranceFor } from '@judge-decoding/backend-contract';
import type { Backend } from '@judge-decoding/core';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import { chooseBackend } from '../pair/backends.ts';
import type { World } from '../world.ts';
import type { DoctorFlags, Finding } from './doctor-finding.ts';

/** Enough for every clause; the smaller, the sooner `forward/limit` is reached. */
const CONTEXT = 256;

/** Holds a backend to every clause of the contract, on the model in `folder`. */
export async function checkContract(
  { threads, folder, dtype, ...flags }: DoctorFlags & { readonly folder: string; readonly dtype: string },
  { backends, terminal }: World,
  found: (finding: Finding) => void,
): Promise<void> {
  const entry = chooseBackend(backends, flags);
  const backend: Backend = {
    specVersion: 1,
    name: flags.backend,
    outputs: ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'],
    open: (location) =>
      entry.open({
        folder: location,
        contextLength: CONTEXT,
        threads,
        dtype,
        device: flags.device,
        exact: flags.exact,
        cacheFolder: defaultCacheFolder(terminal.env),
      }),
  };
  const results = await checkBackend(
    {
      backend,
      location: folder,
      device: flags.device ?? entry.devices[0]!,
      tolerance: toleranceFor(dtype),
      exempt: {},
    },
    { onResult: (result) => found(clauseFinding(result)) },
  );
  const count = (outcome: ClauseResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  const excused = results.reduce((sum, { excusedFlips }) => sum + excusedFlips.length, 0);
  found({
    what: 'contract',
    state: count('broken') > 0 ? 'bad' : 'ok',
    detail: `${count('kept')} kept, ${count('broken')} broken, ${count('exempt')} exempt, ${count('not-declared')} not declared, ${excused} near ties excused`,
  });
}

function clauseFinding({ id, promise, outcome, detail }: ClauseResult): Finding {
  const state = outcome === 'broken' ? 'bad' : outcome === 'kept' ? 'ok' : 'note';
  return { what: id, state, detail: outcome === 'kept' ? promise : `${outcome}: ${detail}` };
}
