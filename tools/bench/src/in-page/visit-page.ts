import { type OpenOptions, openOurs, writeOurs } from './ours.ts';

const picker = document.createElement('input');
picker.type = 'file';
picker.multiple = true;
document.body.append(picker);

const calls = {
  openOurs,
  writeOurs,
  /** What was picked in the page's only input. */
  openPicked: (options: Omit<OpenOptions, 'target'>) => openOurs({ ...options, target: [...picker.files!] }),
};
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
