import { readNamed } from '@judge-decoding/long-work';

/** A data set's text; one that cannot be read is an error that names it. */
export const readDataSet = async (file: string): Promise<string> =>
  (await readNamed(file, 'a data set', '`judge train answers` makes one.')).toString('utf8');
