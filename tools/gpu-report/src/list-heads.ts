import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError, readHead, writeHead } from '@judge-decoding/core';
import { writeAtomically } from '@judge-decoding/long-work';
import type { HeadResult } from './heads.ts';
import { readPart } from './store.ts';

/**
 * Puts what the part `heads` found into the pair's head files: one entry a type and kind of device, in place of
 * an older one. Types in which more problems were lost than are allowed are left out, and it says so.
 */
export async function listHeads(folder: string, pair: string): Promise<string> {
  const part = await readPart(folder, 'heads');
  if (part === undefined || part.quick) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected heads.json of a whole run in ${folder}, found ${part === undefined ? 'none' : 'a quick one'}. Run the part \`heads\` first.`,
    );
  }
  const lines: string[] = [];
  const results = Object.values(part.items) as HeadResult[];
  for (const result of results) {
    const { head: name, entry, weights, problems, allowed, tried } = result;
    const path = join(pair, 'heads', `${name}.safetensors`);
    const head = readHead(await readFile(path));
    if (head.provenance.fingerprint.weights !== weights) {
      // of a pair before this one, where this one was measured, too
      if (
        results.some((other) => other.head === name && other.weights === head.provenance.fingerprint.weights)
      )
        continue;
      throw new JudgeDecodingError(
        'mismatch',
        `Expected ${path} to be of the checkpoint that was measured, ${weights.slice(0, 12)}, it is of ${head.provenance.fingerprint.weights.slice(0, 12)}. Measure this pair, or name the other one with --pair.`,
      );
    }
    const { lost } = tried.at(-1)!;
    if (lost > allowed) {
      lines.push(
        `${name}, ${entry.dtype}: not listed, ${lost} of ${problems} problems lost at every threshold tried`,
      );
      continue;
    }
    const others = (head.provenance.measured ?? []).filter(
      ({ dtype, device }) => dtype !== entry.dtype || device !== entry.device,
    );
    const measured = [...others, entry];
    await writeAtomically(path, writeHead({ ...head, provenance: { ...head.provenance, measured } }));
    lines.push(`${name}, ${entry.dtype} on ${entry.device}: threshold ${entry.threshold}`);
  }
  return lines.join('\n');
}
