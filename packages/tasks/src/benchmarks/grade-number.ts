const NUMBER = /-?\$?\d[\d,]*(?:\.\d+)?/g;

/** What announces a final answer, best first; the last number after the last of them is it. */
const ANNOUNCED = [/####/g, /\\boxed\s*\{/g, /(?:final )?answer is/gi, /answer:/gi];

/**
 * The number that an answer comes to: the one behind `####`, in the last `\boxed{}`, behind "the
 * final answer is", else the last one at all. Dollars and thousands separators are dropped, `18.0`
 * is `18`. Nothing where there is no number.
 */
export function finalNumber(answer: string): number | undefined {
  for (const mark of ANNOUNCED) {
    const last = [...answer.matchAll(mark)].at(-1);
    if (last === undefined) continue;
    const behind = answer.slice(last.index + last[0].length);
    // what is boxed ends with its brace, what is announced with its line
    const part = mark.source.includes('boxed') ? boxed(behind) : (behind.trimStart().split('\n')[0] ?? '');
    const found = part.match(NUMBER);
    // "72 = 72", "5 + 4 = 9": what stands behind the equals sign; else the first number behind the words
    if (found) return amountOf(part.includes('=') ? found.at(-1)! : found[0]!);
  }
  const all = answer.match(NUMBER);
  return all ? amountOf(all.at(-1)!) : undefined;
}

function boxed(text: string): string {
  let depth = 1;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(0, at);
  }
  return text;
}

const amountOf = (text: string): number => Number(text.replace(/[$,]/g, ''));

/** Whether an answer comes to exactly this number. */
export const isNumber = (answer: string, gold: number): boolean => {
  const found = finalNumber(answer);
  // 0.1 + 0.2 written out is 0.3: equal to the ninth digit is equal
  return found !== undefined && Math.abs(found - gold) <= 1e-9 * Math.max(1, Math.abs(gold));
};
