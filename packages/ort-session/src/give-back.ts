/** What is used of a MessageChannel, which Node and browsers have and the language does not. */
interface Port {
  postMessage(message: unknown, transfer: readonly ArrayBufferLike[]): void;
  close(): void;
}
declare const MessageChannel: new () => { readonly port1: Port };

/** Bytes. Giving back takes some microseconds; what is smaller may wait. */
const LEAST = 1 << 14;

let nowhere: Port | undefined;

/**
 * Gives the memory below an array back now rather than at some garbage collection, unless it is
 * small: collections come with the making of objects, and a long prompt makes hundreds of megabytes
 * of arrays with few objects. A large array is empty afterwards. It is sent through a closed port
 * (`ArrayBuffer.prototype.transfer` would say it better, but Node 20 does not have it).
 */
export function giveBack(array: Float32Array): void {
  if (array.byteLength < LEAST) return;
  if (nowhere === undefined) {
    nowhere = new MessageChannel().port1;
    nowhere.close();
  }
  nowhere.postMessage(undefined, [array.buffer]);
}
