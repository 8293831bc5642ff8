import { isUtf8 as nodeIsUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  type DirectoryHandle,
  directoryFiles,
  type ModelSource,
  nodeFiles,
  openCheckpoint,
  openCheckpointFrom,
  openTokenizer,
  openTokenizerFrom,
  openUrl,
  type PickedFile,
  pickedModel,
  urlModel,
} from '../src/index.ts';
import { makeTinyCheckpoint, makeTinyGguf } from '../src/testing/index.ts';
import { isUtf8 } from '../src/utf8.ts';

let root: string;
let server: Server;
let host: string;
/** How the server answers. */
let sent = 0;
let habit: 'ranges' | 'whole' | 'one page' | 'cut' | 'no length' = 'ranges';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'judge-sources-'));
  await makeTinyCheckpoint(join(root, 'tiny'), { seed: 1, maxShardBytes: 4000 });
  await makeTinyGguf(join(root, 'tiny'), join(root, 'tiny.gguf'));
  server = createServer(async (request, response) => {
    const path = join(root, decodeURIComponent(request.url!));
    const size = (await stat(path).catch(() => undefined))?.size;
    if (habit === 'one page' || size === undefined) {
      const status = habit === 'one page' ? 200 : 404;
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>');
      return;
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null || habit === 'whole') {
      createReadStream(path).pipe(response.writeHead(200, { 'content-length': size }));
      return;
    }
    // as sirv reads it: an end of 0 is none
    const [first, last] = [Number(range[1]), Math.min(Number(range[2]) || size - 1, size - 1)];
    const end = habit === 'cut' ? Math.max(first, last - 1) : last;
    const length = habit === 'no length' ? '*' : size;
    sent += end - first + 1;
    response.writeHead(206, { 'content-range': `bytes ${first}-${end}/${length}` });
    createReadStream(path, { start: first, end }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await rm(root, { recursive: true, force: true });
});

async function picked(folder: string): Promise<PickedFile[]> {
  const names = await readdir(join(root, folder));
  return Promise.all(
    names.map(async (name) =>
      Object.assign(new Blob([await readFile(join(root, folder, name))]), {
        name,
        webkitRelativePath: `${folder}/${name}`,
      }),
    ),
  );
}

/** As a browser's handle of a folder answers. */
const handle = (folder: string): DirectoryHandle => ({
  name: folder,
  async getFileHandle(name) {
    const bytes = await readFile(join(root, folder, name)).catch(() => {
      throw new DOMException('there is none', 'NotFoundError');
    });
    return { getFile: async () => new Blob([bytes]) };
  },
});

async function facts(checkpoint: Checkpoint) {
  try {
    const { config, generation, name, tokenizer, tensors } = checkpoint;
    const values = await Promise.all(tensors.list().map(({ name }) => tensors.read(name)));
    const fingerprint = await checkpoint.fingerprint();
    return { config, generation, name, ids: tokenizer.encode('a b, c!'), values, fingerprint };
  } finally {
    await checkpoint.dispose();
  }
}

describe('a model is the same wherever its bytes come from', () => {
  const sources: readonly (readonly [string, string, () => Promise<ModelSource>])[] = [
    ['a folder picked in a page', 'tiny', async () => pickedModel(await picked('tiny'))],
    ['a handle of a folder', 'tiny', async () => directoryFiles(handle('tiny'))],
    ['an address', 'tiny', () => urlModel(`${host}/tiny`)],
    ['a folder on a disk', 'tiny', async () => nodeFiles(join(root, 'tiny'))],
    [
      'a picked GGUF file',
      'tiny.gguf',
      async () =>
        pickedModel([
          Object.assign(new Blob([await readFile(join(root, 'tiny.gguf'))]), { name: 'tiny.gguf' }),
        ]),
    ],
    ['the address of a GGUF file', 'tiny.gguf', () => urlModel(`${host}/tiny.gguf`)],
  ];

  test.each(sources)('%s', async (_, location, source) => {
    habit = 'ranges';
    const ours = await facts(await openCheckpointFrom(await source()));
    expect(ours).toEqual(await facts(await openCheckpoint(join(root, location))));
    const tokenizer = await openTokenizerFrom(await source());
    expect(tokenizer.fingerprint).toBe((await openTokenizer(join(root, location))).fingerprint);
  });

  test('opening a file fetches a few bytes of it', async () => {
    habit = 'ranges';
    sent = 0;
    const file = await openUrl(`${host}/tiny.gguf`);
    expect(file.size).toBeGreaterThan(1000);
    expect(sent).toBeLessThan(16);
    await file.read(new Uint8Array(100), 200);
    expect(sent).toBeLessThan(16 + 101);
  });

  test('a server without ranges', async () => {
    habit = 'whole';
    const ours = await facts(await openCheckpointFrom(await urlModel(`${host}/tiny/`)));
    expect(ours).toEqual(await facts(await openCheckpoint(join(root, 'tiny'))));
  });
});

describe('what cannot be read is refused by name', () => {
  const refused = async (opening: Promise<unknown>): Promise<JudgeDecodingError> => {
    const error = await opening.then(
      () => undefined,
      (cause) => cause,
    );
    expect(error).toBeInstanceOf(JudgeDecodingError);
    return error as JudgeDecodingError;
  };
  const open = async (source: Promise<ModelSource> | ModelSource) => openCheckpointFrom(await source);

  test.each([
    ['nothing there', 'ranges', '/none', 'not-found', /none\/config\.json` to exist/],
    ['a host with one page for everything', 'one page', '/tiny', 'not-found', /config\.json` to exist/],
    ['an answer that breaks off', 'cut', '/tiny.gguf', 'invalid-file', /tiny\.gguf/],
    ['a host that hides the length', 'no length', '/tiny', 'io', /Content-Range/],
  ] as const)('%s', async (_, how, path, code, message) => {
    habit = how;
    const error = await refused(open(urlModel(host + path)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('a host that is not there, a request that is given up', async () => {
    expect((await refused(openUrl('http://127.0.0.1:1/x'))).code).toBe('io');
    const signal = AbortSignal.abort();
    expect((await refused(openUrl(`${host}/tiny/config.json`, { signal }))).code).toBe('aborted');
  });

  test('picked files that are no model, or lack a part of one', async () => {
    const named = (name: string) => Object.assign(new Blob(['x']), { name });
    expect(() => pickedModel([])).toThrow(/got nothing/);
    expect(() => pickedModel(['a', 'b', 'c', 'd', 'e', 'f'].map(named))).toThrow(
      /got a, b, c, d, e and 1 more/,
    );
    const files = (await picked('tiny')).filter(({ name }) => name !== 'tokenizer.json');
    expect((await refused(open(pickedModel(files)))).message).toMatch(/Expected `tokenizer\.json` in `tiny`/);
  });

  test('a file that was cut after it was opened', async () => {
    habit = 'ranges';
    const file = await openUrl(`${host}/tiny/config.json`);
    expect((await refused(file.read(new Uint8Array(10), file.size - 5))).code).toBe('invalid-file');
  });
});

test('well-formed UTF-8 is what Node says it is', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 6 }).map((text) => new TextEncoder().encode(text)),
    fc
      .array(
        fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5),
      )
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, (text) => isUtf8(text, 0, text.length) === nodeIsUtf8(text)),
    { numRuns: 20_000 },
  );
});
