import { readFile } from 'node:fs/promises';
import { JudgeDecodingError } from '@judge-decoding/core';

/** A data set's text; one that cannot be read is an error that names it. */
export const readDataSet = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: Error) => {
    throw new JudgeDecodingError('not-found', `Expected a data set at ${file}, got: ${cause.message}.`, {
      cause,
    });
  });
