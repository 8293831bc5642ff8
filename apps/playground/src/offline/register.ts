declare const KEEPS_OFFLINE: boolean;

const isOffered = (): boolean => KEEPS_OFFLINE && 'serviceWorker' in navigator;

/** Settles when there is nothing more to wait for: the page's files are kept, or will not be. */
let decided: Promise<void> = Promise.resolve();

/** After the first visit the page works without a network: the service worker keeps its files. */
export function keepOffline(): void {
  if (!isOffered()) return;
  decided = navigator.serviceWorker
    .register(new URL('service-worker.js', document.baseURI))
    .then(controlsOrFails)
    .catch(() => {
      // a browser that allows none (private windows of some): the page works all the same, with a network
    });
}

/** Of a service worker that is new: until the page's requests go through it, or it could not keep the files. */
async function controlsOrFails({ installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const { serviceWorker } = navigator;
  const worker = installing ?? waiting;
  if (worker === null || serviceWorker.controller !== null) return;
  await new Promise<void>((resolve) => {
    serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
    worker.addEventListener('statechange', () => worker.state === 'redundant' && resolve());
  });
}

/** Milliseconds, for a slow network; a page that waits in vain works without. */
const LONGEST_WAIT = 20_000;

/** Resolves once the service worker keeps what is fetched: a runtime that is loaded before it would not be kept. */
export async function whenKept(): Promise<void> {
  if (!isOffered() || navigator.serviceWorker.controller !== null) return;
  await Promise.race([decided, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT))]);
}
