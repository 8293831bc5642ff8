import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Every module of this repository that `entry` reaches, and everything else that is imported on the way. */
function reached(entry: string): { readonly files: readonly string[]; readonly others: ReadonlySet<string> } {
  const files = new Set<string>();
  const others = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, 'utf8');
    // what is imported for its types alone is gone when it runs
    const found = text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'|import\('([^']+)'\)/gm);
    for (const [, named, asked] of found) {
      const name = (named ?? asked)!;
      if (name.startsWith('.')) waiting.push(join(dirname(file), name));
      else if (name.startsWith('@judge-decoding/')) waiting.push(sourceOf(name, file));
      else others.add(name);
    }
  }
  return { files: [...files], others };
}

function sourceOf(name: string, from: string): string {
  const [scope, short, ...rest] = name.split('/');
  let folder = dirname(createRequire(from).resolve(`${scope}/${short}/package.json`));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, exports[['.', ...rest].join('/')]['@judge-decoding/source']);
}

test.each(['../src/browser/index.ts', '../src/browser/worker.ts'])('%s runs without Node', (entry) => {
  const { files, others } = reached(here(entry));
  // a walk that finds nothing would prove nothing
  expect(files.some((file) => file.endsWith('core/src/errors.ts'))).toBe(true);
  expect([...others].filter((name) => name.startsWith('node:'))).toEqual([]);
  const allowed = ['@noble/hashes/', 'onnxruntime-web/'];
  expect([...others].filter((name) => !allowed.some((start) => name.startsWith(start)))).toEqual([]);
  const uses = files.filter((file) => /(?<![.\w])(process|__dirname|setImmediate)\b[.(]/.test(code(file)));
  expect(uses).toEqual([]);
});

/** Without comments. */
const code = (file: string) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('never ONNX Runtime’s default entry, which has another WebGPU', () => {
  const { others } = reached(here('../src/browser/worker.ts'));
  expect([...others].filter((name) => name.startsWith('onnxruntime')).sort()).toEqual([
    'onnxruntime-web/jspi',
    'onnxruntime-web/wasm',
    'onnxruntime-web/webgpu',
  ]);
});
