'use client';

import type { ReactNode } from 'react';
import styles from './page.module.css';

/** Title of a page, what it is for, and what one can do here. */
export function PageHead(props: { title: ReactNode; note?: ReactNode; actions?: ReactNode }) {
  return (
    <header className={styles.head}>
      <div className={styles.words}>
        <h1>{props.title}</h1>
        {props.note === undefined ? null : <p>{props.note}</p>}
      </div>
      {props.actions === undefined ? null : <div className={styles.actions}>{props.actions}</div>}
    </header>
  );
}

/** A white area with a heading of its own. */
export function Panel(props: {
  title?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  className?: string;
}) {
  return (
    <section className={`${styles.panel} ${props.className ?? ''}`}>
      {props.title === undefined ? null : (
        <div className={styles.panelHead}>
          <h2>{props.title}</h2>
          {props.extra}
        </div>
      )}
      <div className={props.flush === true ? styles.flush : styles.body}>{props.children}</div>
    </section>
  );
}

/** Nothing here yet, and what to do next. */
export function EmptyHint(props: { title: ReactNode; hint?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <svg viewBox="0 0 64 40" width="64" height="40" aria-hidden="true">
        <path
          d="M6 12h26M6 20h38M6 28h26"
          stroke="currentColor"
          strokeWidth="3"
          strokeLinecap="round"
          strokeDasharray="1 7"
        />
        <path d="M44 10l12 10-12 10" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" />
      </svg>
      <strong>{props.title}</strong>
      {props.hint === undefined ? null : <p>{props.hint}</p>}
      {props.action}
    </div>
  );
}
