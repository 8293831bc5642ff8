// The page without a network. What it is made of is kept at the first visit, models and runtime when they are
// first used. Plain JavaScript: it is served as it is, with the list of files and a version put in by the build.
// biome-ignore-start format: the build looks for exactly this
const CACHE = 'judge-playground VERSION';
const FILES = [
  /* FILES */
];
// biome-ignore-end format: as above

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('judge-playground') && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  event.respondWith(request.headers.has('range') ? part(request) : whole(request));
});

/** The page itself is asked for anew where there is a network; its files carry their hash in their name. */
async function whole(request) {
  const cache = await caches.open(CACHE);
  const isPage = request.mode === 'navigate';
  const kept = await cache.match(isPage ? './' : request, { ignoreSearch: isPage });
  if (kept && !isPage) return kept;
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200)
      await cache.put(isPage ? './' : request, response.clone()).catch(() => undefined);
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** Models are read by parts. What is kept whole answers for its parts, too. */
async function part(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept === undefined) return fetch(request);
  const found = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('range') ?? '');
  if (found === null) return kept;
  const bytes = await kept.blob();
  const start = Number(found[1]);
  const end = found[2] === '' ? bytes.size - 1 : Math.min(Number(found[2]), bytes.size - 1);
  return new Response(bytes.slice(start, end + 1), {
    status: 206,
    headers: {
      'Content-Range': `bytes ${start}-${end}/${bytes.size}`,
      'Content-Length': String(end - start + 1),
    },
  });
}
