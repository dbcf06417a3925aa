import { findLevelProblem, findShareProblem } from '@/domain/protection';
import type { SignalIntent } from '@/domain/signal';
import { FieldError, Fields } from './fields';
import type { ParseContext, SignalFormat } from './types';

type Reading = { readonly intent: SignalIntent; readonly secret: string | null };

type Definition = Pick<SignalFormat, 'key' | 'sizeField' | 'example'> & {
  matches(body: Readonly<Record<string, unknown>>): boolean;
  /** May throw FieldError. Unknown fields are refused after it. */
  read(fields: Fields, context: ParseContext): Reading;
};

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes a format of a reader: failures become results, and what the reader did not ask for is refused by name. */
export function defineFormat(definition: Definition): SignalFormat {
  return {
    key: definition.key,
    sizeField: definition.sizeField,
    example: definition.example,
    matches: (body) => isRecord(body) && definition.matches(body),
    parse(body, context) {
      try {
        const fields = new Fields(body);
        const reading = definition.read(fields, context);
        fields.finish();
        checkLevels(reading.intent);
        return { ok: true, ...reading };
      } catch (error) {
        if (error instanceof FieldError) return error.failure;
        throw error;
      }
    },
  };
}

/** Of a target the side is known when it is carried out only, of a close or protection the entry is not the signal's price. */
function checkLevels({
  side,
  action,
  limitPrice,
  referencePrice,
  stopLoss = null,
  takeProfit = null,
}: SignalIntent): void {
  const unreachable = findShareProblem(side, stopLoss, takeProfit);
  if (unreachable !== null) throw new FieldError({ ok: false, code: 'VALIDATION_ERROR', ...unreachable });
  if (side === null) return;
  const entry = action === 'open' || action === 'target' ? (limitPrice ?? referencePrice) : null;
  const problem = findLevelProblem(side, entry, stopLoss, takeProfit);
  if (problem !== null) throw new FieldError({ ok: false, code: 'VALIDATION_ERROR', ...problem });
}

/** Fields of an intent that most formats leave empty. */
export const EMPTY_INTENT = {
  side: null,
  size: null,
  orderType: 'market',
  limitPrice: null,
  referencePrice: null,
  leverage: null,
  stopPrice: null,
  stopLoss: null,
  takeProfit: null,
  maxLagMs: null,
  idempotencyKey: null,
} as const satisfies Partial<SignalIntent>;
