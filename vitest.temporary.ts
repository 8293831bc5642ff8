import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for the whole run, gone after it: whatever a test leaves there goes with it. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'judge-tests-'));
  // Node reads the first on Unix, the others on Windows
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  return () => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    } catch (error) {
      // a process that is about to end may still write there: no test has failed by that
      console.warn(`${folder} stays: ${(error as Error).message}`);
    }
  };
}
