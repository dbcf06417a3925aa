'use client';

import type { ReactNode } from 'react';
import styles from './overview.module.css';

export function FigureRow({ children }: { children: ReactNode }) {
  return <div className={styles.figures}>{children}</div>;
}

/** One figure that one looks at first. */
export function FigureCard(props: {
  label: ReactNode;
  value: ReactNode;
  note?: ReactNode;
  icon?: ReactNode;
  title?: string;
}) {
  return (
    <section className={styles.card} title={props.title}>
      {props.icon === undefined ? null : (
        <span className={styles.icon} aria-hidden="true">
          {props.icon}
        </span>
      )}
      <div className={styles.words}>
        <span className={styles.label}>{props.label}</span>
        <strong className={`${styles.value} num`}>{props.value}</strong>
        {props.note === undefined ? null : <span className={styles.note}>{props.note}</span>}
      </div>
    </section>
  );
}
