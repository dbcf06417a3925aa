'use client';

import { useLabel } from '../i18n/use-label';
import styles from './exits.module.css';

/** A code in our words, or in the venue's where it is one of its own; the code in small print. */
export function Reason({ code, message }: { code: string; message: string | null }) {
  const label = useLabel('codes');
  const words = label(code) === code ? message : label(code);
  if (words === null || words === '') return <>{code}</>;
  return (
    <>
      {words} <span className={`quiet ${styles.code}`}>{code}</span>
    </>
  );
}
