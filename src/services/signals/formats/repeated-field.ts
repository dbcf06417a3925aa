type Level = {
  /** Null in a list. */
  readonly fields: Set<string> | null;
  /** The field or the place in the list that is being read. */
  at: string | number;
};

/**
 * Path of the first field that stands twice in one object; null: none does. JSON.parse would keep the last one and say nothing.
 * One pass without an expression that could be tried twice, whatever the nesting.
 *
 * @param json text that is known to be valid JSON
 */
export function repeatedField(json: string): string | null {
  const levels: Level[] = [];
  /** Whether a string that comes next is the name of a field. */
  let named = false;
  for (let at = 0; at < json.length; at += 1) {
    const level = levels.at(-1);
    switch (json[at]) {
      case '{':
        levels.push({ fields: new Set(), at: '' });
        named = true;
        break;
      case '[':
        levels.push({ fields: null, at: 0 });
        named = false;
        break;
      case '}':
      case ']':
        levels.pop();
        named = false;
        break;
      case ',':
        named = level?.fields instanceof Set;
        if (typeof level?.at === 'number') level.at += 1;
        break;
      case '"': {
        const end = endOfString(json, at);
        if (named && level?.fields) {
          // Names are compared as JSON reads them: "\u0061ction" is "action".
          level.at = JSON.parse(json.slice(at, end)) as string;
          if (level.fields.has(level.at)) return pathOf(levels);
          level.fields.add(level.at);
          named = false;
        }
        at = end - 1;
      }
    }
  }
  return null;
}

/** After the quote that closes the string which begins at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .slice(0, 8)
    .map(({ at }) => (typeof at === 'number' ? String(at) : at.slice(0, 60) || '""'))
    .join('.');
}
