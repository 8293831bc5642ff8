declare const KEEPS_OFFLINE: boolean;

/** After the first visit the page works without a network: the service worker keeps its files. */
export function keepOffline(): void {
  if (!KEEPS_OFFLINE || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI)).catch(() => {
    // a browser that allows none (private windows of some): the page works all the same, with a network
  });
}
