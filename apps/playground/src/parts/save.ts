/** Offers a text as a file. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  // not at once: some browsers read it a little later
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
