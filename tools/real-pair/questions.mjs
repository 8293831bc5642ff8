/**
 * GSM8K's questions in the words that Qwen's authors ask mathematics with, as rows for `judge eval --task own` and
 * `judge train run --questions`:
 *
 *     node tools/real-pair/questions.mjs test.jsonl > questions.jsonl
 *     node tools/real-pair/questions.mjs train.jsonl > gsm8k-train.jsonl
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const ASK = '\nPlease reason step by step, and put your final answer within \\boxed{}.';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error(
    'Expected GSM8K’s test.jsonl or train.jsonl: node questions.mjs test.jsonl > questions.jsonl',
  );
  process.exit(2);
}
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
for (const [index, line] of lines.entries()) {
  const { question, answer } = JSON.parse(line);
  const number = Number(String(answer).split('####')[1]?.trim().replaceAll(',', ''));
  if (typeof question !== 'string' || Number.isNaN(number)) {
    console.error(
      `Expected a question and an answer that ends in "#### number" in line ${index + 1} of ${file}.`,
    );
    process.exit(1);
  }
  const row = {
    id: `gsm8k/${basename(file, '.jsonl')}/${index}`,
    prompt: question + ASK,
    grader: 'number',
    answer: String(number),
  };
  console.log(JSON.stringify(row));
}
