import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { readNamed, writeAtomically } from '@judge-decoding/long-work';
import { type RunningServer, serve } from '@judge-decoding/static-server';
import {
  type Annotation,
  type DataSetRow,
  parseDataSet,
  parseRow,
  rowLine,
  withAnnotation,
  withoutAnnotation,
} from '@judge-decoding/train/data-set';

export interface AnnotatorOptions {
  /** The data set, JSONL. */
  readonly file: string;
  /** Who annotates; the page asks where it is absent. */
  readonly annotator?: string;
  /** Reference answers stay hidden. */
  readonly blind?: boolean;
  readonly port?: number;
  readonly onlyPort?: boolean;
  /** Told when something takes a while. */
  readonly onWork?: (what: string) => void;
}

/** One annotator's word on one row, or that it is taken back. */
interface Word {
  readonly id: string;
  readonly annotator: string;
  readonly annotation?: Annotation;
}

/** No answer of a row is longer. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Serves a built page and one data set; each row that changes is written into the file at once, the whole of it or nothing. */
export async function servePage(page: string, options: AnnotatorOptions): Promise<RunningServer> {
  const { file, annotator, blind, port, onlyPort } = options;
  const read = async () => parseDataSet((await readNamed(file, 'a data set')).toString('utf8'), file);
  // refused here, and not in a browser that somebody had to open first
  await read();
  let writing: Promise<unknown> = Promise.resolve();

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    { pathname }: URL,
  ): Promise<boolean> => {
    if (!pathname.startsWith('/api/')) return false;
    // pages of others cannot send it without being asked for
    if (request.headers['x-judge-page'] !== '1') {
      response.writeHead(403).end('Not from the page itself.');
      return true;
    }
    if (pathname === '/api/data-set' && request.method === 'GET') {
      const rows = await read();
      const shown = blind ? rows.map(withoutReference) : rows;
      const body = {
        name: basename(file),
        ...(annotator ? { annotator } : {}),
        text: shown.map(rowLine).join(''),
      };
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(JSON.stringify(body));
      return true;
    }
    if (pathname === '/api/word' && request.method === 'POST') {
      const word = JSON.parse(await bodyOf(request)) as Word;
      // one after another, each on what the file holds by then: several people may annotate it
      writing = writing.catch(() => undefined).then(() => put(word));
      await writing;
      response.writeHead(204).end();
      return true;
    }
    return false;
  };
  async function put({ id, annotator: by, annotation }: Word): Promise<void> {
    const rows = await read();
    const index = rows.findIndex((row) => row.id === id);
    if (index < 0) throw new JudgeDecodingError('invalid-input', `${file} has no row ${id} any more.`);
    const before = rows[index]!;
    const changed =
      annotation === undefined ? withoutAnnotation(before, by) : withAnnotation(before, annotation);
    // what the page says is held to the format before it is written
    parseRow(rowLine(changed), 'the page');
    await writeAtomically(file, rows.map((row, at) => rowLine(at === index ? changed : row)).join(''));
  }
  return serve({
    mounts: [{ at: '/', folder: page }],
    answer,
    ...(port === undefined ? {} : { port }),
    ...(onlyPort === undefined ? {} : { onlyPort }),
  });
}

/** Of a row with nothing to mark there would be nothing left. */
function withoutReference(row: DataSetRow): DataSetRow {
  if (row.wrong === undefined) return row;
  const { correct: _, ...rest } = row;
  return rest;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST_BYTES)
      throw new JudgeDecodingError('invalid-input', `A row has more than ${MOST_BYTES} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
