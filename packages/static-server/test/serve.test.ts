import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, serve } from '../src/index.ts';

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-serve-'));
  for (const name of ['page', 'page/assets', 'models']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'secret.txt'), 'not served');
  await writeFile(join(folder, 'page', 'index.html'), '<title>page</title>');
  await writeFile(join(folder, 'page', '.hidden'), 'not served');
  await writeFile(join(folder, 'page', 'assets', 'a.wasm'), 'wasm');
  await writeFile(join(folder, 'models', 'model.safetensors'), '0123456789');
  server = await serve({
    port: 0,
    isolated: true,
    mounts: [
      { at: '/', folder: join(folder, 'page') },
      { at: '/models/pocket/', folder: join(folder, 'models') },
    ],
    answer: (_, response, { pathname }) => {
      if (pathname === '/api/broken') throw new Error('it broke');
      if (pathname !== '/api/answer') return false;
      response.end('42');
      return true;
    },
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** As a browser cannot: paths and host names as they are. */
const ask = (path: string, { host, method }: { host?: string; method?: string } = {}) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = { port: server.port, path, method, headers: host === undefined ? {} : { host } };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    })
      .on('error', reject)
      .end();
  });

test.each([
  ['/', 200, '<title>page</title>'],
  ['/index.html', 200, '<title>page</title>'],
  ['/models/pocket/model.safetensors', 200, '0123456789'],
  ['/api/answer', 200, '42'],
  ['/api/broken', 500, 'it broke\n'],
  ['/no-such-file', 404, 'There is no such file.\n'],
  ['/.hidden', 404, 'There is no such file.\n'],
  ['/../secret.txt', 404, 'There is no such file.\n'],
  ['/%2e%2e/secret.txt', 404, 'There is no such file.\n'],
  ['/..%2fsecret.txt', 404, 'There is no such file.\n'],
  ['/models/pocket/..%2f..%2fsecret.txt', 404, 'There is no such file.\n'],
  ['/%ff', 400, 'Not an address.\n'],
])('%s is answered with %i', async (path, status, text) => {
  expect(await ask(path)).toEqual({ status, text });
});

test('parts of a file are served', async () => {
  const response = await fetch(`${server.url}models/pocket/model.safetensors`, {
    headers: { range: 'bytes=2-4' },
  });
  expect([response.status, await response.text()]).toEqual([206, '234']);
});

test('a page is isolated where asked for, and its files have their types', async () => {
  const { headers } = await fetch(`${server.url}assets/a.wasm`);
  expect(headers.get('content-type')).toBe('application/wasm');
  expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('a name that was pointed at this machine is refused', async () => {
  expect((await ask('/', { host: 'elsewhere.example' })).status).toBe(403);
  expect((await ask('/', { host: `localhost:${server.port}` })).status).toBe(200);
});

test('nothing can be written', async () => {
  expect((await ask('/index.html', { method: 'PUT' })).status).toBe(405);
});

describe('ports', () => {
  test('one that is taken leads to the next, or to a sentence', async () => {
    const { port } = server;
    const mounts = [{ at: '/', folder }];
    const next = await serve({ mounts, port });
    expect(next.port).toBeGreaterThan(port);
    await next.close();
    await expect(serve({ mounts, port, onlyPort: true })).rejects.toThrow(/free port .* it is taken/);
    await expect(serve({ mounts, port: 70_000 })).rejects.toThrow(/from 0 to 65535/);
  });
});
