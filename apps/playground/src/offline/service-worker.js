// The page without a network. What it is made of is kept at the first visit, the runtime when it is first used;
// models are kept by the backend, and of them only their lists and heads are here. Plain JavaScript: it is served as
// it is, with the list of files and a version put in by the build.
// biome-ignore-start format: the build looks for exactly this
const CACHE = 'judge-playground VERSION';
const FILES = [
  /* FILES */
];
// biome-ignore-end format: as above

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
  const scope = self.registration.scope;
  const isOurs =
    FILES.some((name) => url.href === new URL(name, scope).href) || url.pathname.endsWith('.wasm');
  const mayChange =
    url.href.startsWith(new URL('models/', scope).href) && /judge-files\.json$|\/heads\//.test(url.pathname);
  // what a page is pointed to (a trace) is none of the page's own
  if (request.mode === 'navigate') event.respondWith(fresh(request, './'));
  else if (mayChange) event.respondWith(fresh(request, request.url));
  else if (isOurs) event.respondWith(file(request));
});

/** Asked for anew where there is a network: the page names the files of its version, a list those of its model. */
async function fresh(request, name) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.status === 200 && name !== './') await keep(cache, name, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(name, { ignoreSearch: name === './' });
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
