// The page without a network. What it is made of is kept at the first visit; the runtime and the models beside the
// page when they are first used. Plain JavaScript: it is served as it is, with the list of files and a version put in
// by the build.
// biome-ignore-start format: the build looks for exactly this
const CACHE = 'judge-playground VERSION';
const FILES = [
  /* FILES */
];
// biome-ignore-end format: as above
/** Models outlive versions of the page. */
const MODELS = 'judge-playground-models';

self.addEventListener('install', (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES);
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener('activate', (event) => {
  const take = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('judge-playground '));
    await Promise.all(old.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(take());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  const isModel = url.href.startsWith(new URL('models/', self.registration.scope).href);
  // what a page is pointed to (a trace) may change, and is none of the page's own
  const isOurs = isModel || FILES.some((file) => url.href === new URL(file, self.registration.scope).href);
  if (isModel) event.respondWith(model(request));
  else if (request.mode === 'navigate') event.respondWith(page(request));
  else if (isOurs || url.pathname.endsWith('.wasm')) event.respondWith(file(request));
});

/** Asked for anew where there is a network: the page names the files of its version. */
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await cache.match('./', { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

/** Files carry their hash in their name: what is kept is never stale. */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.status === 200) await keep(cache, request.url, response.clone());
  return response;
}

/** A full disk is no reason not to answer. */
const keep = (cache, url, response) => cache.put(url, response).catch(() => undefined);

/** Models are read by parts: a file is fetched once, as a whole, and its parts are answered from that. */
async function model(request) {
  const whole = await wholeModel(request.url);
  if (whole === undefined) {
    // an optional file that is not there; a page of text says so to our reader, and a 404 would be an error on the console
    return new Response('', { headers: { 'Content-Type': 'text/html' } });
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('range') ?? '');
  if (range === null) return new Response(whole);
  const start = Number(range[1]);
  const end = range[2] === '' ? whole.size : Math.min(Number(range[2]) + 1, whole.size);
  if (start >= whole.size) {
    return new Response('', { status: 416, headers: { 'Content-Range': `bytes */${whole.size}` } });
  }
  return new Response(whole.slice(start, end), {
    status: 206,
    headers: { 'Content-Range': `bytes ${start}-${end - 1}/${whole.size}` },
  });
}

const fetching = new Map();

/** As a blob; undefined where the server has none. Whoever asks meanwhile waits for the same. */
async function wholeModel(url) {
  const cache = await caches.open(MODELS);
  const kept = await cache.match(url);
  if (kept) return kept.status === 204 ? undefined : kept.blob();
  const running =
    fetching.get(url) ?? fetchModel(url, cache).finally(() => setTimeout(() => fetching.delete(url), 60_000));
  fetching.set(url, running);
  running.catch(() => fetching.delete(url));
  return running;
}

async function fetchModel(url, cache) {
  const response = await fetch(url);
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (response.status === 404 || isPage) {
    await keep(cache, url, new Response(null, { status: 204 }));
    return undefined;
  }
  if (!response.ok) throw new TypeError(`${url} answers ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const parts = [];
  let done = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done: ended, value } = await reader.read();
    if (ended) break;
    parts.push(value);
    done += value.length;
    if (total > 1e6) await tell({ url, done, total });
  }
  const blob = new Blob(parts);
  // a body that broke off is kept by nobody
  if (total > 0 && blob.size !== total && !response.headers.has('content-encoding'))
    throw new TypeError(`${url} broke off after ${blob.size} of ${total} bytes`);
  await keep(cache, url, new Response(blob));
  return blob;
}

/** How far a download is, to whoever has the page open. */
async function tell(message) {
  for (const client of await self.clients.matchAll({ type: 'window' })) client.postMessage(message);
}
