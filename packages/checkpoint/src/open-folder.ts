import { JudgeDecodingError } from '@judge-decoding/core';
import { assemble, type OpenOptions } from './assemble-checkpoint.ts';
import type { ModelFiles } from './byte-file.ts';
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

const CONFIG = 'config.json';
const GENERATION_CONFIG = 'generation_config.json';
const TOKENIZER_CONFIG = 'tokenizer_config.json';
const CHAT_TEMPLATE = 'chat_template.jinja';

/**
 * Opens a Hugging Face model folder: config.json, generation_config.json, tokenizer.json with
 * tokenizer_config.json and the chat template, and the weights in safetensors. Checks that every
 * tensor of the architecture is there with its shape and nothing else; reads none of them.
 */
export async function openFolder(files: ModelFiles, options: OpenOptions): Promise<Checkpoint> {
  const configJson = await readJsonObject(files, CONFIG, MAX_CONFIG_BYTES);
  const fileConfig = readLlamaConfig(files.pathOf(CONFIG), configJson, options.ignoreConfigFields);
  const { endTokens, ...generation } = await readGenerationOf(files, configJson);

  const { beginToken } = generation;
  const tokenizer = await readTokenizer(files, { endTokens, beginToken, now: options.now });
  const tensors = await openSafetensorsFolder(files);
  return assemble(files, { fileConfig, generation, tokenizer, tensors, options });
}

/** The tokenizer alone: neither weights nor a configuration need to be there. */
export async function openFolderTokenizer(files: ModelFiles, now: () => Date): Promise<Tokenizer> {
  const configJson = (await ifPresent(readJsonObject(files, CONFIG, MAX_CONFIG_BYTES))) ?? {};
  const { endTokens, beginToken } = await readGenerationOf(files, configJson);
  return readTokenizer(files, { endTokens, beginToken, now });
}

async function readGenerationOf(files: ModelFiles, configJson: Readonly<Record<string, unknown>>) {
  const json = await ifPresent(readJsonObject(files, GENERATION_CONFIG, MAX_CONFIG_BYTES));
  return readGeneration(json === undefined ? undefined : { path: files.pathOf(GENERATION_CONFIG), json }, {
    path: files.pathOf(CONFIG),
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
  files: ModelFiles,
  { endTokens, beginToken, now }: TokenizerSurroundings,
): Promise<Tokenizer> {
  const json = await ifPresent(readJsonObject(files, 'tokenizer.json', MAX_TOKENIZER_BYTES));
  if (json === undefined) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected \`tokenizer.json\` in \`${files.location}\`, found none. Other tokenizer files (tokenizer.model, vocab.json) are not read: save the tokenizer in its fast form.`,
    );
  }
  const read = parseTokenizerFile(files.pathOf('tokenizer.json'), json);
  const config = (await ifPresent(readJsonObject(files, TOKENIZER_CONFIG, MAX_CONFIG_BYTES))) ?? {};
  const map = (await ifPresent(readJsonObject(files, 'special_tokens_map.json', MAX_CONFIG_BYTES))) ?? {};
  const tokens = namedTokens({ ...map, ...config });
  const file = withNamedTokens(read, config, tokens, endTokens);
  const template = await openChatTemplate(files, config, tokens, now);
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
  files: ModelFiles,
  config: Readonly<Record<string, unknown>>,
  tokens: Readonly<Record<string, string>>,
  now: () => Date,
): Promise<ChatTemplate | undefined> {
  const file = await ifPresent(readText(files, CHAT_TEMPLATE, MAX_CONFIG_BYTES));
  if (file !== undefined) return parseChatTemplate(files.pathOf(CHAT_TEMPLATE), file, { tokens, now });
  const field = config.chat_template;
  const listed: unknown[] = Array.isArray(field) ? field : [{ name: 'default', template: field }];
  const chosen = listed.find((entry) => isObject(entry) && entry.name === 'default');
  const source = isObject(chosen) ? chosen.template : undefined;
  if (typeof source !== 'string') return undefined;
  return parseChatTemplate(files.pathOf(TOKENIZER_CONFIG), source, { tokens, now });
}
