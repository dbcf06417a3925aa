/** Text that `contains` finds as it stands: LIKE's wildcards are taken by their letter. */
export function literalText(search: string): string {
  return search.replaceAll(/[\\%_]/g, '\\$&');
}
