import { type AccountChange, adminRoom, customerRoom, type RealtimeMessage } from '@/contracts/realtime';
import type { Clock } from '@/platform/clock';
import type { Database, Transaction } from '@/platform/database/database';
import { inParts } from '@/platform/parts';
import { audited, type TenantTransaction } from '../audit/audit-trail';
import { queueAccountFailing } from '../notifications/queue';

/** Accounts that change in one transaction: changes of a tenant wait for each other. */
const TOGETHER = 50;

export type HealthDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly publish: (messages: readonly RealtimeMessage[]) => Promise<void>;
};

export type AccountOf = { readonly id: string; readonly tenantId: string; readonly customerId: string };

/** Lets healthy accounts take no entries, for the reason that `code` names: operators and customers are told. */
export function limitAccounts(deps: HealthDeps, accounts: readonly AccountOf[], code: string): Promise<void> {
  return change(deps, accounts, { from: ['healthy', null], to: ['limited', code] });
}

/** Lets accounts that were limited for this reason take entries again. */
export function unlimitAccounts(deps: HealthDeps, accounts: readonly AccountOf[], code: string): Promise<void> {
  return change(deps, accounts, { from: ['limited', code], to: ['healthy', null] });
}

type State = readonly [health: 'healthy' | 'limited', code: string | null];
type Change = { readonly from: State; readonly to: State };

async function change(deps: HealthDeps, accounts: readonly AccountOf[], { from, to }: Change): Promise<void> {
  const tenants = new Set(accounts.map(({ tenantId }) => tenantId));
  for (const tenantId of tenants) {
    const own = accounts.filter((account) => account.tenantId === tenantId);
    for (const part of inParts(own, TOGETHER)) {
      const changed = await audited(deps, { tenantId, system: true }, async (tx, note) => {
        const done: AccountOf[] = [];
        for (const account of part) {
          if (!(await changeOne(tx, account, from, to))) continue;
          done.push(account);
          note('account.health', `account:${account.id}`, { from: from[0], to: to[0], code: to[1] ?? from[1] });
          if (to[0] !== 'limited' || to[1] === null) continue;
          const about = { tenantId, accountId: account.id, health: to[0], code: to[1], now: deps.clock.now() };
          await queueAccountFailing(tx as unknown as Transaction, about);
        }
        return done;
      });
      await deps.publish(messagesOf(changed, to));
    }
  }
}

async function changeOne(tx: TenantTransaction, { id }: AccountOf, from: State, to: State): Promise<boolean> {
  const { count } = await tx.exchangeAccount.updateMany({
    where: { id, health: from[0], healthCode: from[1] },
    data: { health: to[0], healthCode: to[1] },
  });
  return count > 0;
}

function messagesOf(accounts: readonly AccountOf[], [health, healthCode]: State): RealtimeMessage[] {
  return accounts.flatMap(({ id: accountId, tenantId, customerId }) => {
    const payload: AccountChange[] = [{ accountId, customerId, health, healthCode, equity: null, stream: null }];
    return [adminRoom(tenantId), customerRoom(customerId)].map((room) => ({
      room,
      event: 'account_update' as const,
      payload,
    }));
  });
}
