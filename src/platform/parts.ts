/** Parts of about the same size, none empty and none larger than `most`, in their order; nothing has no parts. */
export function inParts<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  if (items.length === 0) return [];
  const count = Math.ceil(items.length / most);
  const size = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, part) => items.slice(part * size, (part + 1) * size));
}
