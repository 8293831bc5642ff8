import { type Growth, sha256 } from '@judge-decoding/long-work';

/** A list that is worked through one by one, as the manifest of a folder knows it. */
export const listed = (items: readonly unknown[]) => ({
  count: items.length,
  digest: sha256(JSON.stringify(items)),
});

/**
 * A folder that was begun with the first of `items`, its manifest's `name`, goes on with all of them; `remove` is told
 * how many there were.
 */
export const growthOf = (
  name: string,
  items: readonly unknown[],
  remove: (count: number) => Promise<void> = async () => undefined,
): Growth => ({
  of: [name],
  async bringUp(before) {
    const { count, digest } = (before[name] ?? {}) as Partial<ReturnType<typeof listed>>;
    if (count === undefined || !(count < items.length) || listed(items.slice(0, count)).digest !== digest)
      return false;
    await remove(count);
    return true;
  },
});
