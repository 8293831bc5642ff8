import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { assemble, type OpenOptions } from './assemble-checkpoint.ts';
import { type ChatTemplate, parseChatTemplate } from './chat-template.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readGeneration } from './generation-config.ts';
import { ifPresent, isObject, readJsonObject, readText } from './json-file.ts';
import { readLlamaConfig } from './llama-config.ts';
import { makeTokenizer } from './make-tokenizer.ts';
import { idOf, namedTokens, withNamedTokens } from './named-tokens.ts';
import { openSafetensorsFolder } from './safetensors-folder.ts';
import type { Tokenizer } from './tokenizer.ts';
import { parseTokenizerFile } from './tokenizer-json.ts';

/** Small files of a model folder; the largest vocabularies in use take 35 MB of JSON. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const MAX_TOKENIZER_BYTES = 128 * 1024 * 1024;

/**
 * Opens a Hugging Face model folder: config.json, generation_config.json, tokenizer.json with
 * tokenizer_config.json and the chat template, and the weights in safetensors. Checks that every
 * tensor of the architecture is there with its shape and nothing else; reads none of them.
 */
export async function openFolder(
  folder: string,
  { cacheFolder, ignoreConfigFields, now }: OpenOptions,
): Promise<Checkpoint> {
  const configPath = join(folder, 'config.json');
  const configJson = await readJsonObject(configPath, MAX_CONFIG_BYTES);
  const fileConfig = readLlamaConfig(configPath, configJson, ignoreConfigFields);
  const { endTokens, ...generation } = await readGenerationOf(folder, configJson);

  const tokenizer = await readTokenizer(folder, { endTokens, beginToken: generation.beginToken, now });
  return assemble(folder, {
    fileConfig,
    generation,
    tokenizer,
    tensors: await openSafetensorsFolder(folder),
    cacheFolder,
  });
}

/** The tokenizer alone: neither weights nor a configuration need to be there. */
export async function openFolderTokenizer(folder: string, now: () => Date): Promise<Tokenizer> {
  const configJson = (await ifPresent(readJsonObject(join(folder, 'config.json'), MAX_CONFIG_BYTES))) ?? {};
  const { endTokens, beginToken } = await readGenerationOf(folder, configJson);
  return readTokenizer(folder, { endTokens, beginToken, now });
}

async function readGenerationOf(folder: string, configJson: Readonly<Record<string, unknown>>) {
  const path = join(folder, 'generation_config.json');
  const json = await ifPresent(readJsonObject(path, MAX_CONFIG_BYTES));
  return readGeneration(json === undefined ? undefined : { path, json }, {
    path: join(folder, 'config.json'),
    json: configJson,
  });
}

/** What else decides about a folder's tokenizer. */
interface TokenizerSurroundings {
  readonly endTokens: readonly number[];
  readonly beginToken: number | undefined;
  readonly now: () => Date;
}

async function readTokenizer(
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
  const read = parseTokenizerFile(path, json);
  const configPath = join(folder, 'tokenizer_config.json');
  const config = (await ifPresent(readJsonObject(configPath, MAX_CONFIG_BYTES))) ?? {};
  const mapPath = join(folder, 'special_tokens_map.json');
  const map = (await ifPresent(readJsonObject(mapPath, MAX_CONFIG_BYTES))) ?? {};
  const tokens = namedTokens({ ...map, ...config });
  const file = withNamedTokens(read, config, tokens, endTokens);
  const template = await openChatTemplate(folder, configPath, config, tokens, now);
  const end = idOf(file, tokens.eos_token);
  return makeTokenizer({
    file,
    chatTemplate: template,
    endTokens: end === undefined ? endTokens : [...endTokens, end],
    beginToken: config.add_bos_token === true ? (idOf(file, tokens.bos_token) ?? beginToken) : undefined,
  });
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
