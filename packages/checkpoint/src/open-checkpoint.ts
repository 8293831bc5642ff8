import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { type ChatTemplate, parseChatTemplate } from './chat-template.ts';
import type { Checkpoint, GenerationDefaults } from './checkpoint.ts';
import { expectedTensors } from './expected-tensors.ts';
import { fileError } from './file-errors.ts';
import { architectureFingerprint, cachedWeightsFingerprint } from './fingerprints.ts';
import { readGeneration } from './generation-config.ts';
import { ifPresent, isObject, readJsonObject, readText } from './json-file.ts';
import { readLlamaConfig } from './llama-config.ts';
import { makeTokenizer } from './make-tokenizer.ts';
import type { ModelConfig } from './model-config.ts';
import { type FolderTensors, openSafetensorsFolder } from './safetensors-folder.ts';
import type { Tokenizer } from './tokenizer.ts';
import { parseTokenizerFile, type TokenizerFile } from './tokenizer-json.ts';

export interface OpenCheckpointOptions {
  /** Where fingerprints of weights are remembered; without it they are computed at every first use. */
  readonly cacheFolder?: string;
  /** Fields of config.json that nothing here knows and that the caller vouches change nothing. */
  readonly ignoreConfigFields?: readonly string[];
  /** What a chat template's `strftime_now` reads. */
  readonly now?: () => Date;
}

/** Small files of a model folder; the largest vocabularies in use take 35 MB of JSON. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const MAX_TOKENIZER_BYTES = 128 * 1024 * 1024;

/**
 * Opens a Hugging Face model folder: config.json, generation_config.json, tokenizer.json with
 * tokenizer_config.json and the chat template, and the weights in safetensors. Checks that every
 * tensor of the architecture is there with its shape and nothing else; reads none of them.
 */
export async function openCheckpoint(
  folder: string,
  { cacheFolder, ignoreConfigFields = [], now = () => new Date() }: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  await requireFolder(folder);
  const configPath = join(folder, 'config.json');
  const configJson = await readJsonObject(configPath, MAX_CONFIG_BYTES);
  const fileConfig = readLlamaConfig(configPath, configJson, ignoreConfigFields);
  const generationPath = join(folder, 'generation_config.json');
  const generationJson = (await ifPresent(readJsonObject(generationPath, MAX_CONFIG_BYTES))) ?? {};
  const { endTokens, ...generation } = readGeneration(generationPath, generationJson, configJson);

  const tokenizer = await openTokenizer(folder, { endTokens, beginToken: generation.beginToken, now });
  const config: ModelConfig = { ...fileConfig, tokenCount: tokenizer.tokenCount };
  checkVocabulary(folder, config, tokenizer);

  const tensors = await openSafetensorsFolder(folder);
  try {
    checkTensors(folder, config, tensors);
  } catch (error) {
    await tensors.dispose();
    throw error;
  }
  return assemble(folder, {
    config,
    generation: { ...generation, endTokens: tokenizer.endTokens },
    tokenizer,
    tensors,
    cacheFolder,
  });
}

function assemble(
  folder: string,
  parts: {
    readonly config: ModelConfig;
    readonly generation: GenerationDefaults;
    readonly tokenizer: Tokenizer;
    readonly tensors: FolderTensors;
    readonly cacheFolder: string | undefined;
  },
): Checkpoint {
  const { config, generation, tokenizer, tensors, cacheFolder } = parts;
  let weights: Promise<string> | undefined;
  return {
    name: basename(resolve(folder)),
    location: folder,
    config,
    generation,
    tokenizer,
    tensors,
    async fingerprint() {
      weights ??= cachedWeightsFingerprint(tensors, tensors.files, cacheFolder);
      return {
        architecture: architectureFingerprint(config),
        tokenizer: tokenizer.fingerprint,
        weights: await weights,
      };
    },
    dispose: () => tensors.dispose(),
  };
}

async function requireFolder(folder: string): Promise<void> {
  const info = await stat(folder).catch((cause) => {
    throw fileError(folder, cause);
  });
  if (!info.isDirectory()) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`${folder}\` to be a folder with a model in it, got a file.`,
    );
  }
}

/** What else decides about a folder's tokenizer. */
interface TokenizerSurroundings {
  readonly endTokens: readonly number[];
  readonly beginToken: number | undefined;
  readonly now: () => Date;
}

async function openTokenizer(
  folder: string,
  { endTokens, beginToken, now }: TokenizerSurroundings,
): Promise<Tokenizer> {
  const path = join(folder, 'tokenizer.json');
  const json = await ifPresent(readJsonObject(path, MAX_TOKENIZER_BYTES));
  if (json === undefined) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected \`tokenizer.json\` in \`${folder}\`, found none. Other tokenizer files (tokenizer.model, vocab.json) are not read: save the tokenizer in its fast form.`,
    );
  }
  const file = parseTokenizerFile(path, json);
  const configPath = join(folder, 'tokenizer_config.json');
  const config = (await ifPresent(readJsonObject(configPath, MAX_CONFIG_BYTES))) ?? {};
  const mapPath = join(folder, 'special_tokens_map.json');
  const map = (await ifPresent(readJsonObject(mapPath, MAX_CONFIG_BYTES))) ?? {};
  const tokens = namedTokens({ ...map, ...config });
  const template = await openChatTemplate(folder, configPath, config, tokens, now);
  const end = idOf(file, tokens.eos_token);
  return makeTokenizer({
    file,
    chatTemplate: template,
    endTokens: end === undefined ? endTokens : [...endTokens, end],
    beginToken: config.add_bos_token === true ? (idOf(file, tokens.bos_token) ?? beginToken) : undefined,
  });
}

/** `bos_token` and its kin, written as a string or as an object with `content`. */
function namedTokens(config: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (!name.endsWith('_token')) continue;
    const content = isObject(value) ? value.content : value;
    if (typeof content === 'string') tokens[name] = content;
  }
  return tokens;
}

function idOf({ vocab, added }: TokenizerFile, content: string | undefined): number | undefined {
  if (content === undefined) return undefined;
  return (
    added.find((token) => token.content === content)?.id ??
    (Object.hasOwn(vocab, content) ? vocab[content] : undefined)
  );
}

/** chat_template.jinja goes before tokenizer_config.json, in which it is a string or a list of named ones. */
async function openChatTemplate(
  folder: string,
  configPath: string,
  config: Readonly<Record<string, unknown>>,
  tokens: Readonly<Record<string, string>>,
  now: () => Date,
): Promise<ChatTemplate | undefined> {
  const filePath = join(folder, 'chat_template.jinja');
  const file = await ifPresent(readText(filePath, MAX_CONFIG_BYTES));
  if (file !== undefined) return parseChatTemplate(filePath, file, { tokens, now });
  const field = config.chat_template;
  const listed: unknown[] = Array.isArray(field) ? field : [{ name: 'default', template: field }];
  const chosen = listed.find((entry) => isObject(entry) && entry.name === 'default');
  const source = isObject(chosen) ? chosen.template : undefined;
  return typeof source === 'string' ? parseChatTemplate(configPath, source, { tokens, now }) : undefined;
}

function checkVocabulary(folder: string, { vocabSize, tokenCount }: ModelConfig, tokenizer: Tokenizer): void {
  if (tokenCount > vocabSize) {
    throw new JudgeDecodingError(
      'mismatch',
      `The tokenizer of \`${folder}\` has ${tokenCount} tokens, its config.json a vocab_size of ${vocabSize}. They belong to different models.`,
    );
  }
  const outside = tokenizer.endTokens.find((id) => tokenizer.vocabulary(id) === undefined);
  if (outside !== undefined) {
    throw new JudgeDecodingError(
      'mismatch',
      `\`${folder}\` names ${outside} as an end-of-sequence token, which its tokenizer does not have.`,
    );
  }
}

/** Left by some exporters; computed from the config instead. */
const isDerived = (name: string) => name.endsWith('.rotary_emb.inv_freq');

function checkTensors(folder: string, config: ModelConfig, tensors: FolderTensors): void {
  const expected = expectedTensors(config);
  for (const { name, shape } of expected) {
    if (!tensors.has(name)) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected a tensor \`${name}\` of shape [${shape.join(', ')}] in \`${folder}\`, found none of that name. The weights are incomplete or of another model.`,
      );
    }
    const got = tensors.info(name).shape;
    if (got.length !== shape.length || got.some((size, i) => size !== shape[i])) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected tensor \`${name}\` in \`${folder}\` to have the shape [${shape.join(', ')}], got [${got.join(', ')}]. config.json and weights belong to different models.`,
      );
    }
  }
  const known = new Set(expected.map(({ name }) => name));
  // a tied model saved by hand may repeat the embedding as output matrix: then the embedding counts, as in transformers
  const isRepeated = (name: string) => config.tiedEmbeddings && name === 'lm_head.weight';
  const extra = tensors.list().find(({ name }) => !known.has(name) && !isDerived(name) && !isRepeated(name));
  if (extra !== undefined) {
    throw new JudgeDecodingError(
      'unsupported',
      `\`${folder}\` has a tensor \`${extra.name}\` that a ${config.architecture} model as described by its config.json has no place for. Is it of another architecture?`,
    );
  }
}
