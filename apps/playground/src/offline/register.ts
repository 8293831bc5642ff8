declare const KEEPS_OFFLINE: boolean;

/** How far the download of a model's file is. */
export interface Download {
  readonly url: string;
  readonly done: number;
  readonly total: number;
}

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

/** Resolves once the service worker keeps what is fetched: models that are opened before it would not be kept. */
export async function whenKept(): Promise<void> {
  if (!isOffered() || navigator.serviceWorker.controller !== null) return;
  await Promise.race([
    new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    ),
    new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT)),
  ]);
}

/** Told how far downloads are, until it is called off. */
export function onDownload(listener: (download: Download) => void): () => void {
  if (!isOffered()) return () => undefined;
  const heard = ({ data }: MessageEvent<Download>) => listener(data);
  navigator.serviceWorker.addEventListener('message', heard);
  return () => navigator.serviceWorker.removeEventListener('message', heard);
}
