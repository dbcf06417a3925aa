'use client';

import { useEffect, useRef, useState } from 'react';

const FLASH_MS = 1500;

/** Keys of the rows that changed a moment ago: a row object that was replaced while its key stayed. */
export function useFlashing<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlySet<string> {
  const before = useRef<Map<string, T> | null>(null);
  const [flashing, setFlashing] = useState<ReadonlySet<string>>(new Set());
  const key = useRef(keyOf);
  key.current = keyOf;

  useEffect(() => {
    const now = new Map(rows.map((row) => [key.current(row), row]));
    const known = before.current;
    before.current = now;
    if (known === null || known.size === 0) return;
    const changed = [...now].filter(([id, row]) => known.has(id) && known.get(id) !== row).map(([id]) => id);
    // A whole list that is new is a reload, not an update.
    if (changed.length === 0 || (changed.length === now.size && changed.length > 5)) return;
    setFlashing((earlier) => new Set([...earlier, ...changed]));
    const timer = setTimeout(() => {
      setFlashing((earlier) => new Set([...earlier].filter((id) => !changed.includes(id))));
    }, FLASH_MS);
    return () => clearTimeout(timer);
  }, [rows]);

  return flashing;
}
