import { CREDENTIALS_UNREADABLE } from '@/domain/order-note-text';
import { reviveApproved } from '@/domain/risk/assess';
import { openAccounts } from '../execution/accounts';
import type { Placeable } from '../execution/order-executor';
import { readSignalTrades, type TradeRecord } from '../execution/trade-record';
import { unfoldPlan } from '../execution/written-plan';
import type { Claim } from './claim';
import type { CopyDeps } from './copy-deps';

/** What a worker that is gone left behind: any of it may be at the venue already. */
export async function recover(deps: CopyDeps, claim: Claim): Promise<readonly Placeable[]> {
  const db = deps.database.forTenant(claim.tenantId);
  await unfoldPlan(deps.database.statements, claim.tenantId, claim.signalId);
  const open = (await readSignalTrades(db, claim.tenantId, claim.signalId)).filter((trade) =>
    ['planned', 'unknown', 'live', 'partially_filled'].includes(trade.status),
  );
  deps.logger.info({ signal: claim.signalId, trades: open.length }, 'taking over a signal');
  return toPlaceable(deps, claim.tenantId, open);
}

/**
 * Opens the accounts of stored trades. A trade whose key cannot be opened, or is another account's, is left out; nobody can say then
 * whether it was placed, and reconciliation asks once the key is right again.
 */
export async function toPlaceable(
  deps: Pick<CopyDeps, 'database' | 'cipher' | 'book' | 'logger'>,
  tenantId: string,
  trades: readonly TradeRecord[],
): Promise<readonly Placeable[]> {
  const accountIds = [...new Set(trades.map((trade) => trade.accountId))];
  const accounts = await openAccounts(deps.database.forTenant(tenantId), deps.cipher, tenantId, accountIds);
  const mute = accountIds.filter((id) => !accounts.has(id));
  if (mute.length > 0) deps.logger.warn({ accounts: mute }, 'no key to ask for unsettled trades with');
  return trades.flatMap((trade) => {
    const account = accounts.get(trade.accountId);
    if (account === undefined) {
      if (trade.status === 'planned') {
        deps.book.report(tenantId, { kind: 'doubted', tradeId: trade.id, code: CREDENTIALS_UNREADABLE });
      }
      return [];
    }
    return [{ trade, account, approved: reviveApproved({ ...trade, leg: trade.leg === 'open' ? 'open' : 'close' }) }];
  });
}
