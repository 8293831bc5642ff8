import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { closest } from '../options/closest.ts';

export interface ModelAtHand {
  readonly name: string;
  readonly path: string;
}

/** Hugging Face folders, and GGUF files, also those that lie one folder deeper; none where it cannot be read. */
export function modelsIn(folder: string): readonly ModelAtHand[] {
  const folders = entriesOf(folder)
    .filter(({ path }) => isFolder(path))
    .sort((a, b) => a.name.localeCompare(b.name));
  const files = [folder, ...folders.map(({ path }) => path)].flatMap((one) =>
    entriesOf(one).filter(({ name }) => /\.gguf$/i.test(name)),
  );
  return [...folders.filter(({ path }) => existsSync(join(path, 'config.json'))), ...files];
}

/** " Did you mean small.gguf?", a name that is found in the folder, or nothing. */
export function meantModel(named: string, folder: string): string {
  const models = modelsIn(folder);
  // the ending is what people leave out, and an organisation what hubs put before a name
  const stem = (name: string) => basename(name).replace(/\.gguf$/i, '');
  const found = closest(
    stem(named),
    models.map(({ name }) => stem(name)),
  );
  const meant = models.find(({ name }) => stem(name) === found);
  return meant === undefined ? '' : ` Did you mean ${relative(folder, meant.path)}?`;
}

function entriesOf(folder: string): ModelAtHand[] {
  try {
    const names = readdirSync(folder).sort();
    return names.map((name) => ({ name, path: join(folder, name) }));
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
