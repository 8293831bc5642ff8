/**
 * What `judge bench --backend cuda --anchors on-cuda.mjs` takes: other programs on the same GGUF file and GPU. Plain
 * JavaScript with nothing of the workspace, so that it runs beside the archive of tools/portable, too. node-llama-cpp is
 * looked for beside this file (its CUDA build needs CUDA's libraries on LD_LIBRARY_PATH), Python under PYTHON
 * (torch, transformers, gguf). Opening takes minutes where a step is compiled; with ANCHORS_WAIT_FOR=FILE each says in
 * FILE.its-name that it is open, and their first text, a warm-up, waits for FILE: who wants a quiet machine for a minute only
 * opens everything before it.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const waitFor = process.env.ANCHORS_WAIT_FOR;

/** Sends one message at a time to a process and waits for its answer. */
async function opened(name, child, settings, { send, messages }) {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = `${said}${text}`.slice(-4000);
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with code ${code}: ${said.trim().split('\n').slice(-6).join(' | ')}`);
  });
  ended.catch(() => undefined);
  const ask = async (message) => {
    const answered = messages();
    send(message);
    const [answer] = await Promise.race([answered, ended]);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  const { facts } = await ask({ open: settings }).catch((error) => {
    // one that lives on would keep whoever asked from ending
    child.kill();
    throw error;
  });
  if (waitFor !== undefined) writeFileSync(`${waitFor}.${name}`, `${facts}\n`);
  return {
    facts,
    async decode(request) {
      while (waitFor !== undefined && !existsSync(waitFor)) await setTimeout(200);
      return ask({ decode: request });
    },
    async dispose() {
      child.kill();
      await ended.catch(() => undefined);
    },
  };
}

const pipes = { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] };

const llama = (name, predictor) => ({
  name,
  about: `node-llama-cpp’s CUDA build on the file as it is${predictor === undefined ? '' : ', with its own draft speculation'}`,
  async open({ target, draft, contextLength, endTokens, threads }) {
    const { version } = JSON.parse(await readFile(at('node_modules/node-llama-cpp/package.json'), 'utf8'));
    const child = fork(at('node-llama-cpp-child.mjs'), [], pipes);
    const settings = { target, contextLength, endTokens, threads, version, gpu: 'cuda' };
    return opened(name, child, predictor === undefined ? settings : { ...settings, draft, predictor }, {
      send: (message) => child.send(message),
      messages: () => once(child, 'message'),
    });
  },
});

export default [
  llama('node-llama-cpp'),
  llama('node-llama-cpp-draft', {}),
  {
    name: 'transformers',
    about: 'transformers in bf16 on the file’s tensors, static cache, its step compiled',
    async open({ target, contextLength, endTokens }) {
      const child = spawn(process.env.PYTHON ?? 'python3', [at('transformers_child.py')]);
      const lines = createInterface({ input: child.stdout });
      return opened(
        'transformers',
        child,
        { target, contextLength, endTokens },
        {
          send: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
          messages: async () => [JSON.parse((await once(lines, 'line'))[0])],
        },
      );
    },
  },
];
