import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pnpmArgv } from './pnpm.mjs';

const PROGRESS = /^Progress: resolved (\d+), reused (\d+), downloaded (\d+)/;

/**
 * Installs what the lockfile says, in two lines: one while it runs (which counts, on a terminal), one
 * when it is done. What pnpm had to say is shown where it fails. Resolves to pnpm's exit code.
 */
export async function installPackages(root) {
  const started = performance.now();
  const show = (text, ending) => process.stderr.write(`${text}${ending}`);
  const { isTTY } = process.stderr;
  show('Installing packages, the first time only …', isTTY ? '' : '\n');

  const argv = pnpmArgv(['install', '--frozen-lockfile', '--reporter=append-only']);
  const pnpm = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  let packages = 0;
  const listen = (stream) => {
    createInterface({ input: stream }).on('line', (line) => {
      const [, resolved, reused, downloaded] = PROGRESS.exec(line) ?? [];
      if (resolved === undefined) return said.push(line);
      packages = Number(resolved);
      const here = Number(reused) + Number(downloaded);
      if (isTTY) show(`\rInstalling packages, the first time only … ${here} of ${packages}`, '');
    });
  };
  listen(pnpm.stdout);
  listen(pnpm.stderr);
  const code = await new Promise((resolve, reject) => {
    pnpm.on('error', reject);
    pnpm.on('close', (status) => resolve(status ?? 1));
  });
  if (isTTY) show('\r\u001b[K', '');
  if (code === 0) show(`Installed ${packages} packages in ${seconds(performance.now() - started)}.`, '\n');
  else show(`${said.join('\n')}\nThe packages could not be installed: see above.`, '\n');
  return code;
}

const seconds = (ms) => `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
