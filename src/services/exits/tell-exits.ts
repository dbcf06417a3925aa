import { toText } from '@/domain/decimal';
import { contractsToBase } from '@/domain/instrument';
import { currentTime } from '@/platform/clock';
import { type Database, Prisma, type Transaction } from '@/platform/database/database';
import { retryTransaction } from '@/platform/database/retry';
import { queueExitDue } from '../notifications/queue';
import type { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import type { ExitRow } from './exit-row';

/**
 * Tells operators and customers of exits that are not done for too long, each once. What they have themselves stopped (a kill switch,
 * a suspended customer) they know.
 */
export async function tellOverdue(
  database: Database,
  instruments: Pick<InstrumentCatalogue, 'get'>,
  exits: readonly (ExitRow & { readonly reason: string | null })[],
): Promise<void> {
  for (const exit of exits) {
    const { tenantId, subscriptionId, instrumentId, side, cause, reason } = exit;
    const instrument = instruments.get(instrumentId);
    if (instrument === undefined) continue;
    await retryTransaction(() =>
      database.forTenant(tenantId).$transaction(async (transaction) => {
        const tx = transaction as unknown as Transaction;
        const told = await tx.$executeRaw(
          Prisma.sql`UPDATE PositionExit SET toldAt = UTC_TIMESTAMP(3) WHERE tenantId = ${tenantId}
            AND subscriptionId = ${subscriptionId} AND instrumentId = ${instrumentId} AND side = ${side}
            AND toldAt IS NULL AND doneAt IS NULL`,
        );
        if (told === 0) return;
        const position = await tx.position.findFirst({ where: { tenantId, subscriptionId, instrumentId, side } });
        const now = currentTime();
        await queueExitDue(tx, {
          tenantId,
          subscriptionId,
          accountId: exit.accountId,
          symbol: instrument.symbol,
          baseCurrency: instrument.baseCurrency,
          side,
          cause,
          code: reason,
          heldBase: toText(
            contractsToBase(instrument, instrument.lotSize.times(0).plus(position?.quantity.toString() ?? '0')),
          ),
          since: now - Math.round(exit.lasted),
          at: now,
        });
      }),
    );
  }
}
