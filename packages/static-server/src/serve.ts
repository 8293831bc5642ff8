import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JudgeDecodingError } from '@judge-decoding/core';
import sirv from 'sirv';

/** A folder, and the path that its files stand under. */
export interface Mount {
  /** Begins and ends with `/`: `/`, `/models/pocket/`. */
  readonly at: string;
  readonly folder: string;
}

export interface ServeOptions {
  /** The longest path that fits is asked first, then shorter ones. */
  readonly mounts: readonly Mount[];
  /**
   * Answers what is no file. Asked first; false leaves the request to the folders. What it throws is
   * answered with 500 and its message.
   */
  readonly answer?: (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ) => boolean | Promise<boolean>;
  /**
   * The first port to try, 4178 by default; the nine behind it are tried where it is taken. A page keeps
   * what it has downloaded under its address, so the same port is worth having again. 0 is any.
   */
  readonly port?: number;
  /** Tries this port alone. */
  readonly onlyPort?: boolean;
  /** 127.0.0.1 by default. Another one opens the page to others on the network. */
  readonly host?: string;
  /** Sends COOP and COEP, which give pages shared memory, and WebAssembly its threads. */
  readonly isolated?: boolean;
}

export interface RunningServer {
  /** Ends with `/`. */
  readonly url: string;
  readonly port: number;
  /** Ends open connections, too. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 4178;
const PORTS_TRIED = 10;

/**
 * Serves folders until `close`. Only requests for this host are answered: a page of somebody else whose
 * name was pointed at this machine gets 403. Errors: `invalid-option`, `io` (a port that is taken).
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { port = DEFAULT_PORT, host = '127.0.0.1' } = options;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected \`port\` to be a whole number from 0 to 65535, got ${port}.`,
    );
  }
  const folders = [...options.mounts]
    .sort((a, b) => b.at.length - a.at.length)
    // files change while a page is worked on: they are looked up at each request
    .map(({ at, folder }) => ({ at, files: sirv(folder, { dev: true, etag: true }) }));
  const names = namesOf(host);

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(headersOf(options))) response.setHeader(name, value);
    const named = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (names !== undefined && !names.includes(named))
      return end(response, 403, 'Not a name of this server.');
    let url: URL;
    try {
      url = new URL(request.url ?? '/', 'http://localhost');
      decodeURIComponent(url.pathname);
    } catch {
      return end(response, 400, 'Not an address.');
    }
    if (await options.answer?.(request, response, url)) return;
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return end(response, 405, 'Files are read only.');
    const asked = request.url ?? '/';
    const hidden = decodeURIComponent(url.pathname)
      .split(/[/\\]/)
      .some((part) => part.startsWith('.'));
    const next = (at: number): void => {
      const fits = folders.slice(at).findIndex((mount) => url.pathname.startsWith(mount.at));
      const mount = folders[at + fits];
      if (fits < 0 || mount === undefined || hidden) {
        end(response, 404, 'There is no such file.');
        return;
      }
      const { at: path, files } = mount;
      request.url = `/${asked.slice(path.length)}`;
      // sirv keeps what it parsed of the address on the request
      Reflect.deleteProperty(request, '_parsedUrl');
      files(request, response, () => next(at + fits + 1));
    };
    next(0);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      end(response, 500, error instanceof Error ? error.message : String(error));
    });
  });

  const found = await listen(server, host, port, options.onlyPort === true || port === 0 ? 1 : PORTS_TRIED);
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${found}/`,
    port: found,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function headersOf({ isolated }: ServeOptions): Readonly<Record<string, string>> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(isolated
      ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
      : {}),
  };
}

/** Names under which this server may be asked; undefined where it is open to the network. */
function namesOf(host: string): readonly string[] | undefined {
  if (host === '0.0.0.0' || host === '::') return undefined;
  return [host, `[${host}]`, 'localhost', '127.0.0.1', '[::1]'];
}

async function listen(server: Server, host: string, first: number, tries: number): Promise<number> {
  for (let port = first; ; port++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && port + 1 < first + tries && port < 65_535) continue;
      throw new JudgeDecodingError(
        'io',
        code === 'EADDRINUSE'
          ? `Expected a free port ${tries === 1 ? first : `from ${first} to ${port}`} on ${host}, ${tries === 1 ? 'it is' : 'all are'} taken. Name another one.`
          : `Expected to listen on ${host}, port ${port}, got: ${message}.`,
        { cause },
      );
    }
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
