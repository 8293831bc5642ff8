import { cp, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint, openTokenizer } from '../src/index.ts';
import { makeTinyCheckpoint, makeTinyGguf } from '../src/testing/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = await temporaryFolder();
const sound = join(root, 'sound');
await makeTinyCheckpoint(sound);

describe('a tokenizer alone', () => {
  test('is the checkpoint’s, and needs neither weights nor config.json', async () => {
    const folder = await mkdtemp(join(root, 'copy-'));
    await cp(sound, folder, { recursive: true });
    await using checkpoint = await openCheckpoint(folder);
    for (const name of await readdir(folder))
      if (/safetensors|^config.json$/.test(name)) await rm(join(folder, name));
    const tokenizer = await openTokenizer(folder);
    const messages = [{ role: 'user', content: 'How many apples?' }];
    expect(tokenizer.fingerprint).toBe(checkpoint.tokenizer.fingerprint);
    expect(tokenizer.encodeChat(messages)).toEqual(checkpoint.tokenizer.encodeChat(messages));
    expect(tokenizer.endTokens).toEqual(checkpoint.tokenizer.endTokens);
  });

  test.runIf(process.platform === 'linux')('holds no file, in a folder or a GGUF file', async () => {
    const gguf = join(root, 'tokenizer.gguf');
    await makeTinyGguf(sound, gguf);
    const held = async () =>
      (
        await Promise.all(
          (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
        )
      ).filter((path) => path.startsWith(root));
    const before = await held();
    const tokenizers = [await openTokenizer(sound), await openTokenizer(gguf)];
    expect(await held()).toEqual(before);
    expect(tokenizers.map((tokenizer) => tokenizer.decode(tokenizer.encode('Tom'))).length).toBe(2);
  });

  test('that is missing is an error that names the file', async () => {
    await expect(openTokenizer(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(openTokenizer(join(root, 'nowhere'))).rejects.toThrow('nowhere');
  });
});
