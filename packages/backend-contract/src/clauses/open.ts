import type { OutputName } from '@judge-decoding/core';
import type { Clause } from '../clause.ts';
import { ensure, ensureRejects, ensureSame } from '../ensure.ts';
import { ensureSameRows, evidence, freshEvidence, inPassesOf } from '../evidence.ts';

const OUTPUT_NAMES: readonly OutputName[] = ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'];

export const openClauses: readonly Clause[] = [
  {
    id: 'spec/version',
    promise: 'names the spec version it implements, itself, and outputs that exist',
    needs: [],
    async run({ subject: { backend } }) {
      ensureSame(backend.specVersion, 1, 'specVersion');
      ensure(backend.name !== '', 'name: expected a word, got nothing');
      for (const name of backend.outputs) ensure(OUTPUT_NAMES.includes(name), `outputs: ${name} is unknown`);
      ensureSame(new Set(backend.outputs).size, backend.outputs.length, 'number of different outputs');
    },
  },
  {
    id: 'open/info',
    promise: 'tells facts about the model that fit together',
    needs: [],
    async run({ model: { info } }) {
      const { vocabSize, hiddenSize, layers, contextLength, prefillChunk, fingerprint } = info;
      for (const [name, value] of Object.entries({
        vocabSize,
        hiddenSize,
        layers,
        contextLength,
        prefillChunk,
      })) {
        ensure(Number.isInteger(value) && value >= 1, `${name}: expected a positive integer, got ${value}`);
      }
      for (const token of [...info.endTokens, ...info.specialTokens]) {
        const known = Number.isInteger(token) && token >= 0 && token < vocabSize;
        ensure(known, `end and special tokens: ${token} is outside the vocabulary of ${vocabSize}`);
      }
      for (const token of info.endTokens) {
        ensure(info.specialTokens.includes(token), `specialTokens: the end token ${token} is missing`);
      }
      for (const [name, digest] of Object.entries(fingerprint)) {
        ensure(/^[0-9a-f]+$/.test(digest), `fingerprint.${name}: expected hex digits, got ${digest}`);
      }
    },
  },
  {
    id: 'open/provider',
    promise: 'runs on the device asked for, or refuses',
    needs: [],
    async run({ subject, model }) {
      ensureSame(model.info.device, subject.device, 'device');
    },
  },
  {
    id: 'open/unknown-model',
    promise: 'refuses a missing or malformed model with a typed error that names it',
    needs: [],
    async run({ subject: { backend, location, missing = `${location}-that-is-not-there`, malformed = [] } }) {
      const absent = await ensureRejects(
        () => backend.open(missing),
        ['not-found', 'invalid-file'],
        'a missing model',
      );
      ensure(
        absent.message.includes(missing),
        `a missing model: ${missing} is not named in: ${absent.message}`,
      );
      for (const broken of malformed) {
        const error = await ensureRejects(
          () => backend.open(broken),
          ['invalid-file', 'not-found'],
          'a damaged model',
        );
        ensure(
          error.message.includes(broken),
          `a damaged model: ${broken} is not named in: ${error.message}`,
        );
      }
    },
  },
  {
    id: 'open/isolation',
    promise: 'sessions of one model do not see each other’s cache, also interleaved',
    needs: ['argmax'],
    async run(context) {
      const texts = [context.tokens(9), context.tokens(9), context.tokens(9)];
      const sessions = await Promise.all(texts.map(() => context.openSession()));
      const seen = texts.map((): Awaited<ReturnType<typeof evidence>> => []);
      for (let start = 0; start < 9; start += 3) {
        for (const [index, session] of sessions.entries()) {
          seen[index]!.push(...(await evidence(context, session, texts[index]!.slice(start, start + 3))));
        }
        // One of them rolls back, which must not move the others.
        sessions[1]!.truncate(start);
        await evidence(context, sessions[1]!, texts[1]!.slice(start, start + 3));
      }
      for (const [index, text] of texts.entries()) {
        ensureSame(sessions[index]!.length, 9, `length of session ${index}`);
        ensureSameRows(
          context,
          seen[index]!,
          await freshEvidence(context, ...inPassesOf(3, text)),
          `session ${index}`,
        );
      }
    },
  },
];
