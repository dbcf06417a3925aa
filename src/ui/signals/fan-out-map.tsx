'use client';

import { useTranslations } from 'next-intl';
import { type CSSProperties, type KeyboardEvent, type MouseEvent, memo, useRef, useState } from 'react';
import { RECEIPT_STATES, type ReceiptView } from '@/contracts/api/copying';
import { useLabel } from '../i18n/use-label';
import { ReceiptBrief } from '../receipts/receipt-brief';
import styles from './fan-out-map.module.css';

type Props = {
  readonly receipts: readonly ReceiptView[];
  /** Subscriptions that the filters below show; null: all. */
  readonly highlighted: ReadonlySet<string> | null;
  readonly onOpen: (receipt: ReceiptView) => void;
};

type Hover = { readonly index: number; readonly x: number; readonly y: number };

function cellSize(count: number): number {
  if (count <= 60) return 26;
  if (count <= 200) return 20;
  if (count <= 500) return 15;
  return 11;
}

/** One cell a follower, in the colour of its receipt. Listens once for all cells, so that a thousand stay cheap. */
export function FanOutMap({ receipts, highlighted, onOpen }: Props) {
  const t = useTranslations('signal');
  const frame = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const size = cellSize(receipts.length);

  const indexOf = (target: EventTarget): number | null => {
    const text = target instanceof HTMLElement ? target.dataset.index : undefined;
    return text === undefined ? null : Number(text);
  };
  const show = (index: number | null) => {
    const box = frame.current?.getBoundingClientRect();
    const cell =
      index === null ? null : frame.current?.querySelector(`[data-index="${index}"]`)?.getBoundingClientRect();
    if (index === null || !box || !cell) return setHover(null);
    setHover({ index, x: cell.left - box.left + cell.width / 2, y: cell.bottom - box.top });
  };
  const onMouseOver = (event: MouseEvent) => show(indexOf(event.target));
  const onClick = (event: MouseEvent) => {
    const receipt = receipts[indexOf(event.target) ?? -1];
    if (receipt !== undefined) onOpen(receipt);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = hover?.index ?? -1;
    const width = Math.max(1, Math.floor(((frame.current?.clientWidth ?? size) + 3) / (size + 3)));
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: width, ArrowUp: -width };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      show(Math.min(receipts.length - 1, Math.max(0, at + step)));
    } else if (event.key === 'Enter') {
      const receipt = receipts[at];
      if (receipt !== undefined) onOpen(receipt);
    } else if (event.key === 'Escape') setHover(null);
  };

  const filled = receipts.filter(({ state }) => state === 'filled').length;
  const hovered = hover === null ? undefined : receipts[hover.index];
  const flip = hover !== null && hover.x > (frame.current?.clientWidth ?? 0) / 2;
  return (
    <div className={styles.map} style={{ '--cell': `${size}px` } as CSSProperties}>
      {/* biome-ignore lint/a11y/useSemanticElements: cells are no buttons of their own, the whole is one stop */}
      <div
        ref={frame}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is moved through with the arrow keys
        tabIndex={0}
        className={styles.cells}
        aria-label={t('mapLabel', { total: receipts.length, filled })}
        onMouseOver={onMouseOver}
        onFocus={() => undefined}
        onMouseLeave={() => setHover(null)}
        onBlur={() => setHover(null)}
        onClick={onClick}
        onKeyDown={onKeyDown}
        data-testid="fan-out"
      >
        {receipts.map((receipt, index) => (
          <Cell
            key={receipt.subscriptionId}
            index={index}
            state={receipt.state}
            faded={highlighted !== null && !highlighted.has(receipt.subscriptionId)}
            chosen={hover?.index === index}
          />
        ))}
      </div>
      {hovered === undefined || hover === null ? null : (
        <div
          className={styles.hover}
          style={flip ? { right: `calc(100% - ${hover.x}px)`, top: hover.y + 6 } : { left: hover.x, top: hover.y + 6 }}
        >
          <ReceiptBrief receipt={hovered} />
        </div>
      )}
    </div>
  );
}

type CellProps = { index: number; state: string; faded: boolean; chosen: boolean };

const Cell = memo(function Cell({ index, state, faded, chosen }: CellProps) {
  return <i data-index={index} data-state={state} data-faded={faded || undefined} data-chosen={chosen || undefined} />;
});

/** What the colours mean. */
export function FanOutLegend() {
  const label = useLabel('status');
  const meaning = useLabel('states');
  return (
    <ul className={styles.legend}>
      {RECEIPT_STATES.map((state) => (
        <li key={state} title={meaning(state)}>
          <i data-state={state} />
          {label(state)}
        </li>
      ))}
    </ul>
  );
}
