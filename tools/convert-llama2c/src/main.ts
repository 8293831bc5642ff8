import { JudgeDecodingError } from '@judge-decoding/core';
import { convertLlama2c } from './convert-llama2c.ts';

const [checkpoint, tokenizer, out, ...rest] = process.argv.slice(2);
if (checkpoint === undefined || tokenizer === undefined || out === undefined || rest.length > 0) {
  console.error('Expected three paths: a llama2.c checkpoint, its tokenizer, and the folder to write.');
  process.exitCode = 2;
} else {
  try {
    await convertLlama2c({ checkpoint, tokenizer, out });
    console.log(`Wrote ${out}`);
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
