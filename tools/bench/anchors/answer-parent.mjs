/** The other side of in-child.ts: opens once, then decodes what it is sent, one text after another. */
export function answerParent(open) {
  let decoder;
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (message) => {
    try {
      if (message.open) {
        decoder = await open(message.open);
        process.send({ facts: decoder.facts });
        return;
      }
      const started = performance.now();
      const at = [];
      const tokens = await decoder.write(message.decode, () => at.push(performance.now() - started));
      process.send({ tokens, at, milliseconds: performance.now() - started });
    } catch (error) {
      process.send({ error: String(error?.message ?? error).split('\n')[0] });
    }
  });
}
