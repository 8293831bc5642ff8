/** What can be closed. */
interface Closable {
  dispose(): Promise<void>;
}

/** What one item after another works with: opened once, closed when another is asked for or an item fails. */
export class Kept<Opened extends Closable> {
  #key: string | undefined;
  #opened: Opened | undefined;

  async use<Result>(
    key: string,
    open: () => Promise<Opened>,
    work: (opened: Opened) => Promise<Result>,
  ): Promise<Result> {
    if (this.#opened === undefined || this.#key !== key) {
      await this.dispose();
      this.#opened = await open();
      this.#key = key;
    }
    try {
      return await work(this.#opened);
    } catch (error) {
      await this.dispose();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.dispose();
  }
}

/** Opens one after another; where one fails, those before it are closed. */
export async function openedAll<Opened extends Closable>(
  opens: readonly (() => Promise<Opened>)[],
): Promise<Opened[]> {
  const opened: Opened[] = [];
  try {
    for (const open of opens) opened.push(await open());
    return opened;
  } catch (error) {
    await Promise.all(opened.map((each) => each.dispose()));
    throw error;
  }
}
