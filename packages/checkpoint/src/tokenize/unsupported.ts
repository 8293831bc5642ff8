import { JudgeDecodingError } from '@judge-decoding/core';
import { shown } from '../json-file.ts';

/** Refuses a part of a tokenizer.json: the field, what came, what to do. */
export type Refuse = (field: string, got: unknown, supported: string) => JudgeDecodingError;

export const refuseIn =
  (path: string): Refuse =>
  (field, got, supported) =>
    new JudgeDecodingError(
      'unsupported',
      `\`${path}\` asks for \`${field}\` = ${shown(got)}, which is not supported. ${supported}`,
    );
