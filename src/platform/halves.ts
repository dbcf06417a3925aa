/** Something that was not done, and why. */
export type SetAside<Item> = { readonly item: Item; readonly error: unknown };

/**
 * Does something with all items together; where one of them is at fault, with each half, and so on, down to the one. Answers those that
 * it could not be done with. Halves are done one after the other. Rejects with what lies in no item.
 */
export async function inHalves<Item>(
  items: readonly Item[],
  act: (items: readonly Item[]) => Promise<void>,
  liesInAnItem: (error: unknown) => boolean,
): Promise<readonly SetAside<Item>[]> {
  if (items.length === 0) return [];
  try {
    await act(items);
    return [];
  } catch (error) {
    if (!liesInAnItem(error)) throw error;
    const [only, ...others] = items;
    if (only !== undefined && others.length === 0) return [{ item: only, error }];
    const middle = Math.ceil(items.length / 2);
    const first = await inHalves(items.slice(0, middle), act, liesInAnItem);
    return [...first, ...(await inHalves(items.slice(middle), act, liesInAnItem))];
  }
}
