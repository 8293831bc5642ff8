import { JudgeDecodingError } from '@judge-decoding/core';
import type { OpenModels } from './models.ts';

export const openModels: OpenModels = async () => {
  throw new JudgeDecodingError('unsupported', 'The backend for pages is not here yet.');
};
