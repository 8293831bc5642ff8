/** warm.mjs PROGRAM MODEL CONTEXT: opens one of anchors/on-cuda.mjs and writes a few tokens: what it compiles is kept on the disk. */
const [, , name, target, contextLength] = process.argv;
const { default: programs } = await import(`${process.cwd()}/anchors/on-cuda.mjs`);
const began = performance.now();
const program = await programs
  .find((each) => each.name === name)
  .open({ target, contextLength: Number(contextLength), endTokens: [] });
console.log(`${name}: ${Math.round(performance.now() - began)} ms to open; ${program.facts}`);
for (let turn = 0; turn < 2; turn++) {
  const { tokens, milliseconds } = await program.decode({
    prompt: Array.from({ length: 40 }, (_, index) => 1000 + index),
    maxTokens: 32,
  });
  console.log(`${name}: ${tokens.length} tokens in ${milliseconds.toFixed(1)} ms`);
}
await program.dispose();
process.exit(0);
