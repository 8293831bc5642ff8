import { readFile } from 'node:fs/promises';
import { checkedSteps } from '@judge-decoding/checkpoint/testing';

/*
 * Compares what we know of every character with what classes.py has written:
 *
 *     tsx --conditions=@judge-decoding/source classes.ts CLASSES.json
 */
interface Known {
  readonly codes: number[];
  readonly classes: Record<string, number[]>;
  readonly changed: Record<string, Record<string, string>>;
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: classes.ts CLASSES.json');
  process.exit(2);
}
const { codes, classes, changed }: Known = JSON.parse(await readFile(path, 'utf8'));
let different = 0;

function report(name: string, wrong: readonly number[]): void {
  different += wrong.length;
  const shown = wrong.slice(0, 5).map((code) => `U+${code.toString(16)}`);
  console.log(`| \`${name.replaceAll('|', '\\|')}\` | ${wrong.length} | ${shown.join(' ')} |`);
}

/** A step that takes away what is in the class, and what stands around: [step, around, pieces]. */
function stepOf(name: string): readonly [object, string, number] {
  const removed = { behavior: 'Removed', invert: false };
  if (name === 'Punctuation') return [{ type: name, ...removed }, '\u0001', 2];
  if (name === 'Digits') return [{ type: name, individual_digits: true }, '\u0001', 3];
  if (name === 'Whitespace') return [{ type: name }, 'a', 1];
  if (name === 'WhitespaceSplit') return [{ type: name }, 'a', 2];
  return [{ type: 'Split', pattern: { Regex: name }, ...removed }, '\u0001', 2];
}

console.log('| class or normalizer | characters that differ | the first |\n| --- | ---: | --- |');
for (const [name, members] of Object.entries(classes)) {
  const [step, around, pieces] = stepOf(name);
  const { cut } = checkedSteps({ pre_tokenizer: step });
  const known = new Set(members);
  report(
    name,
    codes.filter((code) => {
      const text = `${around}${String.fromCodePoint(code)}${around}`;
      return (cut(text).length === pieces) !== known.has(code);
    }),
  );
}
for (const [name, texts] of Object.entries(changed)) {
  const { normalize } = checkedSteps({ normalizer: { type: name } });
  report(
    name,
    codes.filter((code) => {
      const character = String.fromCodePoint(code);
      return normalize(character) !== (texts[code] ?? character);
    }),
  );
}
console.log(`${different} differences over ${codes.length} characters`);
