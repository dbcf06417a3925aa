import { BOUNDS } from './bounds';
import { toText } from './decimal';
import { contractsToBase, type Instrument } from './instrument';
import { percentText } from './risk/percent';
import type { EntryDenial, ReductionSize, SizingMode } from './sizing';
import type { SmallestCopy } from './smallest-copy';

/** Coins, since that is what people compare with the leader's; the arithmetic keeps the contracts. */
export function sizeContext(
  instrument: Instrument,
  size: EntryDenial | Extract<ReductionSize, { ok: false }>,
): Record<string, string> {
  const context: Record<string, string> = {
    symbol: instrument.symbol,
    venue: instrument.venue,
    currency: instrument.baseCurrency,
    settleCurrency: instrument.settleCurrency,
    minimum: toText(contractsToBase(instrument, size.minimum)),
  };
  if (size.code === 'SIZE_OUT_OF_RANGE') {
    return {
      symbol: instrument.symbol,
      wanted: size.steps.at(-1)?.value ?? '∞',
      maximum: toText(BOUNDS.contracts.most),
    };
  }
  if (size.wanted !== null) context.wanted = toText(contractsToBase(instrument, size.wanted).toDecimalPlaces(10));
  return context;
}

const FIGURES = { equity: 'minimumBalance', ratio: 'minimumRatio', value: 'minimumValue' } as const;

/** From when on a move like this is copied. */
export function smallestContext({ of, least, cap, steady }: SmallestCopy, mode: SizingMode): Record<string, string> {
  const context: Record<string, string> = { scalesWith: of };
  if (least !== null) context[FIGURES[of]] = toText(least);
  if (of === 'value') context.valueUnit = mode === 'fixed_quantity' ? 'contracts' : 'money';
  if (cap !== null) context.cap = cap.code;
  if (cap !== null && cap.share !== null) context.capMaximum = percentText(cap.share);
  if (!steady) context.steady = 'no';
  return context;
}
