// kernel.wat as bytes in a module: node kernel/compile.mjs writes it, and a test compares them.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** kernel.wat in WebAssembly's binary form, base64. */
export async function compileKernel() {
  const { default: wabt } = await import('wabt');
  const { parseWat } = await wabt();
  const parsed = parseWat('kernel.wat', await readFile(here('kernel.wat'), 'utf8'), { simd: true });
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  return Buffer.from(buffer).toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const module = `/** kernel/kernel.wat, compiled by kernel/compile.mjs. */\nexport const KERNEL =\n  '${await compileKernel()}';\n`;
  await writeFile(here('../src/fit/kernel-bytes.ts'), module);
}
