'use client';

import { useCode } from '../i18n/use-code';
import styles from './exits.module.css';

/** A code in our words, or in the venue's where it is one of its own; the code in small print. */
export function Reason({ code, message }: { code: string; message: string | null }) {
  const label = useCode();
  const words = label(code) === code ? message : label(code);
  if (words === null || words === '' || words === code) return <>{code}</>;
  return (
    <>
      {words} <span className={`quiet ${styles.code}`}>{code}</span>
    </>
  );
}
