'use client';

import { Tooltip } from 'antd';
import { useTranslations } from 'next-intl';
import { useInstrument } from '../api/instruments';
import { coinsOf, formatDecimal, formatMoney, formatPercent, formatPrice, signOf } from '../format/numbers';

const NONE = <span className="quiet">—</span>;

/** An amount with its currency. */
export function Money({ value, currency = 'USDT' }: { value: string | null; currency?: string }) {
  if (value === null) return NONE;
  return (
    <span className="num nowrap" title={`${value} ${currency}`}>
      {formatMoney(value)} <span className="quiet small">{currency}</span>
    </span>
  );
}

const ARROWS = { '1': '▲', '0': '', '-1': '▼' } as const;

/** A gain or loss: signed, with an arrow, so that the colour is never the only sign. */
export function Pnl({ value, currency = 'USDT' }: { value: string | null; currency?: string | null }) {
  const t = useTranslations('common');
  if (value === null) return NONE;
  const text = formatMoney(value, true);
  // What rounds to nothing is neither gain nor loss.
  const sign = /[1-9]/.test(text) ? signOf(value) : 0;
  const word = sign === 0 ? null : <span className="visually-hidden">{sign > 0 ? t('gain') : t('loss')} </span>;
  return (
    <span className={`num nowrap ${sign > 0 ? 'up' : sign < 0 ? 'down' : ''}`}>
      {word}
      {sign === 0 ? null : (
        <span aria-hidden="true" style={{ fontSize: '0.7em', marginRight: 3, verticalAlign: '0.12em' }}>
          {ARROWS[`${sign}`]}
        </span>
      )}
      {text}
      {currency === null ? null : <span className="quiet small"> {currency}</span>}
    </span>
  );
}

/** A price at its instrument's tick. */
export function Price({ value, symbol }: { value: string | null; symbol: string }) {
  const instrument = useInstrument(symbol);
  if (value === null) return NONE;
  return (
    <span className="num nowrap" title={value}>
      {formatPrice(value, instrument?.tickSize)}
    </span>
  );
}

/** A quantity in coins, with the contracts in the tooltip. */
export function Size({ contracts, base, symbol }: { contracts: string; base?: string | null; symbol: string }) {
  const t = useTranslations('common');
  const instrument = useInstrument(symbol);
  const coins = base ?? instrument?.toBase(contracts) ?? null;
  const inContracts = t('contracts', { count: formatDecimal(contracts) });
  if (coins === null) return <span className="num nowrap">{inContracts}</span>;
  return (
    <Tooltip title={inContracts}>
      <span className="num nowrap">
        {formatDecimal(coins)} <span className="quiet small">{coinsOf(symbol).base}</span>
      </span>
    </Tooltip>
  );
}

/** Signed percent; `worse` colours what costs the customer. */
export function Slippage({ value }: { value: string | null }) {
  if (value === null) return NONE;
  const text = formatPercent(value, { signed: true, least: 2, most: 3 });
  const tone = text.startsWith('+') ? 'down' : text.startsWith('0') ? '' : 'up';
  return <span className={`num nowrap ${tone}`}>{text}</span>;
}

export function Leverage({ value }: { value: string | null }) {
  return value === null ? NONE : <span className="num nowrap">{formatDecimal(value)}×</span>;
}
