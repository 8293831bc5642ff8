import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { OutsideDecoder, OutsideText } from '@judge-decoding/eval';

/** Opens a program in a process of its own: two runtimes in one would share threads and allocators. */
export async function openChild(script: string, needs: string, settings: object): Promise<OutsideDecoder> {
  const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const manifest = await readFile(at(`node_modules/${needs}/package.json`), 'utf8').catch((cause) => {
    throw new JudgeDecodingError(
      'not-found',
      `${needs} is not installed: \`npm ci --ignore-scripts\` in ${at('.')} does that (1.2 GB).`,
      { cause },
    );
  });
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const child = fork(at(script), [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4000);
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new JudgeDecodingError(
      'io',
      `${needs} ended with code ${String(code)}: ${said.trim().split('\n').at(-1) ?? ''}`,
    );
  });
  ended.catch(() => undefined);
  const ask = async <Answer>(message: object): Promise<Answer> => {
    const answered = once(child, 'message');
    child.send(message);
    const [answer] = (await Promise.race([answered, ended])) as [Answer & { readonly error?: string }];
    if (answer.error !== undefined) throw new JudgeDecodingError('io', `${needs}: ${answer.error}`);
    return answer;
  };
  const opening = ask<{ readonly facts: string }>({ open: { ...settings, version } });
  const { facts } = await opening.catch((error: unknown) => {
    // one that lives on would keep whoever asked from ending
    child.kill();
    throw error;
  });
  return {
    facts,
    decode: (request) => ask<OutsideText>({ decode: request }),
    async dispose() {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}
