declare const KEEPS_OFFLINE: boolean;

const isOffered = (): boolean => KEEPS_OFFLINE && 'serviceWorker' in navigator;

/** After the first visit the page works without a network: the service worker keeps its files. */
export function keepOffline(): void {
  if (!isOffered()) return;
  navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI)).catch(() => {
    // a browser that allows none (private windows of some): the page works all the same, with a network
  });
}

/** Long enough for the first visit's files; a page that waits in vain works without. */
const LONGEST_WAIT = 4000;

/** Resolves once the service worker keeps what is fetched: a runtime that is loaded before it would not be kept. */
export async function whenKept(): Promise<void> {
  if (!isOffered() || navigator.serviceWorker.controller !== null) return;
  await Promise.race([
    new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    ),
    new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT)),
  ]);
}
