import { toText } from '@/domain/decimal';
import { contractsToBase } from '@/domain/instrument';
import { currentTime } from '@/platform/clock';
import { type Database, Prisma, type Transaction } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { queueStopMissing } from '../notifications/queue';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import type { ProtectionRow } from '../protection/protection-row';

/** Tells operators and customer of a position that lacks its stop order, once while it does. */
export async function tellMissingStop(
  database: Database,
  instruments: Pick<InstrumentCatalogue, 'get'>,
  row: ProtectionRow,
  code: string | null,
): Promise<void> {
  const { tenantId, subscriptionId, instrumentId, side } = row;
  const instrument = instruments.get(instrumentId);
  if (instrument === undefined) return;
  await retryTransaction(() =>
    database.forTenant(tenantId).$transaction(async (transaction) => {
      const tx = transaction as unknown as Transaction;
      const told = await tx.$executeRaw(
        Prisma.sql`UPDATE Protection SET toldAt = UTC_TIMESTAMP(3) WHERE tenantId = ${tenantId}
          AND subscriptionId = ${subscriptionId} AND instrumentId = ${instrumentId} AND side = ${side}
          AND toldAt IS NULL AND uncoveredSince IS NOT NULL`,
      );
      if (told === 0) return;
      const now = currentTime();
      await queueStopMissing(tx, {
        tenantId,
        subscriptionId,
        accountId: row.accountId,
        symbol: instrument.symbol,
        baseCurrency: instrument.baseCurrency,
        side,
        code,
        heldBase: toText(contractsToBase(instrument, row.held)),
        since: now - Math.round(row.uncoveredFor),
        at: now,
      });
    }),
  );
}
