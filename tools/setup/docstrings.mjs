// Lists what published packages export without a docstring: node tools/setup/docstrings.mjs [--types] [package…]
// Functions, classes and constants must have one; with --types it lists types, too.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const SOURCE = '@judge-decoding/source';
const DECLARED =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|class|interface|type|const) (\w+)/gm;
const LISTED = /^export (?:type )?(?:\{([^}]*)\}|\*) from '(\.[^']+)';/gm;

/** The names a module exports, each with the file that declares it. */
export function exportsOf(file, seen = new Set()) {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const own = [...text.matchAll(DECLARED)].map(([, name]) => ({ name, file }));
  const listed = [...text.matchAll(LISTED)].flatMap(([, names, from]) => {
    const there = exportsOf(join(dirname(file), from), new Set(seen));
    if (names === undefined) return there;
    return names
      .split(',')
      .map(
        (each) =>
          each
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0],
      )
      .filter((name) => name !== '')
      .map((name) => there.find((one) => one.name === name) ?? { name, file: join(dirname(file), from) });
  });
  return [...own, ...listed];
}

/** Whether a docstring ends right before the declaration. What comes from another package has its own there. */
export function hasDocstring({ name, file }, types) {
  const text = readFileSync(file, 'utf8');
  const declared = [...text.matchAll(DECLARED)].find((each) => each[1] === name);
  if (declared === undefined || (!types && /^export (interface|type) /.test(declared[0]))) return true;
  return text.slice(0, declared.index).trimEnd().endsWith('*/');
}

function entries({ folder, exports = {} }) {
  return Object.values(exports)
    .map((target) => target?.[SOURCE])
    .filter((path) => typeof path === 'string' && path.endsWith('.ts'))
    .map((path) => join(folder, path))
    .filter((path) => existsSync(path));
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const types = process.argv.includes('--types');
const asked = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const missing = new Set();
let names = 0;
for (const one of publicPackages(root)) {
  if (asked.length > 0 && !asked.some((name) => one.name.endsWith(`/${name}`))) continue;
  const found = new Map(
    entries(one)
      .flatMap((entry) => exportsOf(entry))
      .map((each) => [`${each.file} ${each.name}`, each]),
  );
  names += found.size;
  for (const each of found.values())
    if (!hasDocstring(each, types)) missing.add(`${relative(root, each.file)}: ${each.name}`);
}
for (const line of missing) console.log(line);
console.log(`${names} exported names, ${missing.size} without a docstring.`);
process.exit(missing.size === 0 ? 0 : 1);
