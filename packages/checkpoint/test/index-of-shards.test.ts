import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { openCheckpoint, openSafetensors, writeSafetensors } from '../src/index.ts';
import { makeTinyCheckpoint } from '../src/testing/index.ts';
import { expectRefusal } from './expect-refusal.ts';
import { edit, tensorsOf } from './spoil-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = await temporaryFolder();

describe('an index of shards', () => {
  const INDEX = 'model.safetensors.index.json';
  async function sharded(change: (map: Record<string, string>) => unknown): Promise<string> {
    const folder = await mkdtemp(join(root, 'index-'));
    await makeTinyCheckpoint(folder, { maxShardBytes: 50_000 });
    await edit(folder, INDEX, (json) => ({
      ...json,
      weight_map: change(json.weight_map as Record<string, string>),
    }));
    return folder;
  }

  test.each([
    '../outside.safetensors',
    '/etc/outside.safetensors',
    'sub/outside.safetensors',
    'sub\\outside.safetensors',
    'C:outside.safetensors',
    '..safetensors',
    'model.bin',
    'model\u0000.safetensors',
  ])('that names %j is refused without opening it', async (file) => {
    const folder = await sharded((map) => ({ ...map, 'model.norm.weight': file }));
    await expectRefusal(() => openCheckpoint(folder), 'invalid-file', INDEX, 'names of files beside it');
  });

  test('without a map, with a missing shard, or with a tensor in the wrong one', async () => {
    await expectRefusal(
      async () => openCheckpoint(await sharded(() => [])),
      'invalid-file',
      INDEX,
      'weight_map',
    );

    const lost = await sharded((map) => map);
    await rm(join(lost, 'model-00002-of-00004.safetensors'));
    await expectRefusal(
      () => openCheckpoint(lost),
      'not-found',
      INDEX,
      'model-00002-of-00004.safetensors',
      'Fetch that file',
    );

    const moved = await sharded((map) => ({
      ...map,
      'model.norm.weight': 'model-00001-of-00004.safetensors',
    }));
    await expectRefusal(() => openCheckpoint(moved), 'invalid-file', INDEX, 'model.norm.weight');
  });

  test('whose shards hold a tensor twice', async () => {
    const folder = await sharded((map) => map);
    const shards = (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).sort();
    await rename(join(folder, shards[0]!), join(folder, 'model.safetensors'));
    const first = await tensorsOf(folder);
    await rename(join(folder, 'model.safetensors'), join(folder, shards[0]!));
    const second = await openSafetensors(join(folder, shards[1]!));
    const others = await Promise.all(
      second.list().map(async (info) => ({ ...info, bytes: await second.raw(info.name) })),
    );
    await second.dispose();
    await writeSafetensors(join(folder, shards[1]!), [...others, first[0]!]);
    await expectRefusal(() => openCheckpoint(folder), 'invalid-file', shards[0]!, shards[1]!, first[0]!.name);
  });
});
