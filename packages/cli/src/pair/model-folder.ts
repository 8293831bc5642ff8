import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Terminal } from '../terminal.ts';
import { meantModel } from './models-at-hand.ts';

/** The folder (or GGUF file) that a user means: a path, or a name within $JUDGE_MODELS. */
export function modelFolder(named: string, flag: string, env: Terminal['env']): string {
  const { JUDGE_MODELS } = env;
  const inModels = JUDGE_MODELS ? join(JUDGE_MODELS, named) : undefined;
  const folder = [named, inModels].find((path) => path !== undefined && existsSync(path));
  if (folder === undefined) {
    const searched = inModels === undefined ? 'JUDGE_MODELS is not set' : `nor in ${JUDGE_MODELS}`;
    throw new JudgeDecodingError(
      'not-found',
      `Expected ${flag} to be a model folder or a GGUF file, found nothing at ${named === '' ? 'an empty path' : named} (${searched}).${JUDGE_MODELS ? meantModel(named, JUDGE_MODELS) : ''} ${fetchFirst(named)}\`judge models\` lists what is at hand.`,
    );
  }
  if (!statSync(folder).isDirectory() && !/\.gguf$/i.test(folder)) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected ${flag} to be a model folder, ${folder} is a file. Name the folder that holds config.json, or a GGUF file.`,
    );
  }
  if (statSync(folder).isDirectory() && !existsSync(join(folder, 'config.json'))) {
    const [gguf] = readdirSync(folder).filter((name) => /\.gguf$/i.test(name));
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected ${flag} to be a model folder, ${folder} has no config.json. ${
        gguf === undefined
          ? 'Name the folder that holds it, or fetch the model again.'
          : `Name its GGUF file itself: ${join(folder, gguf)}.`
      }`,
    );
  }
  return folder;
}

/** An address, or a name as hubs have them: organisation and model. */
const ELSEWHERE = /^(?:[a-z]+:\/\/\S+|[\w-][\w.-]*\/[\w.-]+)$/i;

/** What people mean who name a model that is not on this machine. */
const fetchFirst = (named: string): string =>
  ELSEWHERE.test(named)
    ? 'Models are read from this machine, and never fetched: where that is a name on a hub, download it first and name the folder. '
    : '';
