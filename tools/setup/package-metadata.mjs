// What every published package says of its origin, made from one place: `repository` of the root's
// package.json. `--write` brings the packages in step; without it a package that is not fails.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const address = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

/** What somebody would search for to find any of them; a package may add its own in front. */
const KEYWORDS = ['judge-decoding', 'speculative-decoding', 'llm', 'inference'];

const stale = [];
for (const { folder, name } of publicPackages(root)) {
  const file = join(folder, 'package.json');
  const before = readFileSync(file, 'utf8');
  const manifest = JSON.parse(before);
  const place = relative(root, folder).replaceAll('\\', '/');
  const own = (manifest.keywords ?? []).filter((word) => !KEYWORDS.includes(word));
  const metadata = {
    keywords: [...own, ...KEYWORDS],
    homepage: `${address}/tree/main/${place}#readme`,
    bugs: `${address}/issues`,
    repository: { ...repository, directory: place },
  };
  // behind the licence, where the registry's own documents have them
  const entries = Object.entries(manifest).filter(([field]) => !(field in metadata));
  const at = entries.findIndex(([field]) => field === 'license') + 1;
  const after = Object.fromEntries([
    ...entries.slice(0, at),
    ...Object.entries(metadata),
    ...entries.slice(at),
  ]);
  const text = `${JSON.stringify(after, null, 2)}\n`;
  if (text === before) continue;
  stale.push(name);
  if (process.argv[2] === '--write') writeFileSync(file, text);
}

if (process.argv[2] !== '--write' && stale.length > 0) {
  console.error(`Expected the metadata of ${address} in ${stale.join(', ')}. Run \`npm run metadata\`.`);
  process.exit(1);
}

// a package with the address of another repository is refused by the registry, after all the others went out
const { GITHUB_REPOSITORY, GITHUB_SERVER_URL = 'https://github.com' } = process.env;
if (process.argv[2] === '--published-from-here' && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` !== address) {
  console.error(
    `Expected to publish from ${address}, this is ${GITHUB_REPOSITORY}. Put the right address into \`repository\` of package.json at the root and run \`npm run metadata\`.`,
  );
  process.exit(1);
}
