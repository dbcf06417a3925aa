import type { SignalCounts } from '@/contracts/api/copying';
import { dec } from '@/domain/decimal';
import { closingFormat, type SignalIntent } from '@/domain/signal';
import type { Transaction } from '@/platform/database/database';
import type {
  AccountFailing,
  ClosedOutsideTold,
  DriftTold,
  ExitDueTold,
  KillSwitchTold,
  OutboxPayload,
  StopMissingTold,
  VenueOutage,
} from './events';
import { takeNews } from './exit-news';
import { insertOutbox, type OutboxEntry, openChannels } from './outbox';
import { notificationsFor, type SignalSummary, type TradeSummary } from './signal-entries';

/**
 * Queues everything that is to be told about a finished signal: reads its rows inside the caller's transaction (after the
 * caller has written them) and adds the outbox rows. Costs one indexed read where the tenant has no channel. May be
 * called again: each channel is told once. Answers how many notifications were added.
 */
export async function queueSignalNotifications(
  tx: Transaction,
  about: {
    readonly tenantId: string;
    readonly signalId: string;
    readonly counts: SignalCounts;
    /** Epoch ms. */
    readonly now: number;
  },
): Promise<number> {
  const channels = await openChannels(tx, about.tenantId);
  if (channels.length === 0) return 0;
  const summary = await readSummary(tx, about);
  const news = await takeNews(tx, about.tenantId, summary, about.now);
  if (news === null) return 0;
  const entries = [
    ...notificationsFor(summary).filter(({ audience }) => audience.kind === 'tenant'),
    ...notificationsFor({ ...summary, trades: news }).filter(({ audience }) => audience.kind === 'customer'),
  ];
  return insertOutbox(tx, about.tenantId, entries, about.now, channels);
}

/** A trade that was settled after its signal was done (a limit order, an unknown one): tells its customer. */
export async function queueTradeNotifications(
  tx: Transaction,
  about: {
    readonly tenantId: string;
    readonly signalId: string;
    readonly tradeIds: readonly string[];
    readonly now: number;
  },
): Promise<number> {
  const channels = await openChannels(tx, about.tenantId);
  if (channels.length === 0 || about.tradeIds.length === 0) return 0;
  const summary = await readSummary(tx, { ...about, counts: NO_COUNTS }, about.tradeIds);
  const news = (await takeNews(tx, about.tenantId, summary, about.now)) ?? [];
  const entries = news.flatMap((trade) =>
    notificationsFor({ ...summary, trades: [trade] })
      .filter((entry) => entry.audience.kind === 'customer')
      .map((entry): OutboxEntry => ({ ...entry, dedupeKey: `trade:${trade.id}:${trade.status}` })),
  );
  return insertOutbox(tx, about.tenantId, entries, about.now, channels);
}

/** An account stopped working, or takes no entries any more: tells its customer and the tenant, at most once an hour for the same reason. */
export async function queueAccountFailing(
  tx: Transaction,
  about: {
    readonly tenantId: string;
    readonly accountId: string;
    readonly health: AccountFailing['health'];
    readonly code: string;
    readonly now: number;
  },
): Promise<number> {
  const { tenantId, accountId, health, code, now } = about;
  return tellOfAccount(tx, tenantId, { accountId, at: now }, (account) => ({
    event: 'account_failing',
    dedupeKey: `account:${accountId}:${code}:${Math.floor(now / 3_600_000)}`,
    payload: { accountId, ...account, health, code, at: now },
  }));
}

/** A kill switch got another level: tells the tenant, and the customer whose own it is. */
export async function queueKillSwitch(
  tx: Transaction,
  about: {
    readonly tenantId: string;
    readonly scope: 'platform' | 'tenant' | 'strategy' | 'customer';
    readonly id: string;
    readonly name: string;
    readonly level: KillSwitchTold['level'];
    readonly previous: KillSwitchTold['level'];
    readonly now: number;
  },
): Promise<number> {
  const { tenantId, scope, id, name, level, previous, now } = about;
  const entry = {
    event: 'kill_switch' as const,
    dedupeKey: `kill-switch:${scope}:${id}:${now}`,
    payload: { scope, name, level, previous, at: now },
  };
  const entries: OutboxEntry[] = [{ ...entry, audience: { kind: 'tenant' } }];
  if (scope === 'customer') entries.push({ ...entry, audience: { kind: 'customer', customerId: id } });
  return insertOutbox(tx, tenantId, entries, now);
}

/** An account's positions differ from our books: tells the tenant and its customer, once for each drift and repair. */
export async function queueDrift(
  tx: Transaction,
  about: Omit<DriftTold, 'customerName' | 'label' | 'venue' | 'mode'> & {
    readonly tenantId: string;
    readonly driftId: string;
  },
): Promise<number> {
  const { tenantId, driftId, ...told } = about;
  return tellOfAccount(tx, tenantId, told, (account) => ({
    event: 'drift',
    dedupeKey: `drift:${driftId}:${told.kind}:${told.repaired ? 'repaired' : 'seen'}`,
    payload: { ...told, ...account },
  }));
}

/** A part of an account's position went without us: tells the tenant and its customer. */
export async function queueClosedOutside(
  tx: Transaction,
  about: Omit<ClosedOutsideTold, 'customerName' | 'label' | 'venue' | 'mode'> & {
    readonly tenantId: string;
    /** Of this event. */
    readonly id: string;
  },
): Promise<number> {
  const { tenantId, id, ...told } = about;
  return tellOfAccount(tx, tenantId, told, (account) => ({
    event: 'closed_outside',
    dedupeKey: `outside:${id}`,
    payload: { ...told, ...account },
  }));
}

/** A position that has to go is still there: tells the tenant and its customer. */
export async function queueExitDue(
  tx: Transaction,
  about: Omit<ExitDueTold, 'customerName' | 'label' | 'venue' | 'mode'> & {
    readonly tenantId: string;
    readonly subscriptionId: string;
  },
): Promise<number> {
  const { tenantId, subscriptionId, ...told } = about;
  return tellOfAccount(tx, tenantId, told, (account) => ({
    event: 'exit_due',
    dedupeKey: `exit:${subscriptionId}:${told.symbol}:${told.side}:${told.since}`,
    payload: { ...told, ...account },
  }));
}

/** A position has no stop order: tells the tenant and its customer. */
export async function queueStopMissing(
  tx: Transaction,
  about: Omit<StopMissingTold, 'customerName' | 'label' | 'venue' | 'mode'> & {
    readonly tenantId: string;
    readonly subscriptionId: string;
  },
): Promise<number> {
  const { tenantId, subscriptionId, ...told } = about;
  return tellOfAccount(tx, tenantId, told, (account) => ({
    event: 'stop_missing',
    dedupeKey: `stop:${subscriptionId}:${told.symbol}:${told.side}:${told.since}`,
    payload: { ...told, ...account },
  }));
}

type AccountName = Pick<AccountFailing, 'customerName' | 'label' | 'venue' | 'mode'>;

/** Tells the tenant and the customer whose account it is; `entryOf` gets the account as messages name it. */
async function tellOfAccount(
  tx: Transaction,
  tenantId: string,
  { accountId, at }: { readonly accountId: string; readonly at: number },
  entryOf: (account: AccountName) => OutboxPayload & Pick<OutboxEntry, 'dedupeKey'>,
): Promise<number> {
  const channels = await openChannels(tx, tenantId);
  if (channels.length === 0) return 0;
  const account = await readToldAccount(tx, tenantId, accountId);
  if (account === null) return 0;
  const { customerId, ...name } = account;
  const entry = entryOf(name);
  const entries: OutboxEntry[] = [
    { ...entry, audience: { kind: 'tenant' } },
    { ...entry, audience: { kind: 'customer', customerId } },
  ];
  return insertOutbox(tx, tenantId, entries, at, channels);
}

/** An account as messages name it; null: there is none. */
async function readToldAccount(tx: Transaction, tenantId: string, id: string) {
  const account = await tx.exchangeAccount.findFirst({
    where: { id, tenantId },
    select: { label: true, venue: true, mode: true, customerId: true, customer: { select: { name: true } } },
  });
  if (account === null) return null;
  const { label, venue, mode, customerId, customer } = account;
  return { label, venue, mode, customerId, customerName: customer.name };
}

/** Outages that begin within the same ten minutes are told once, whichever workers notice them. */
const OUTAGE_SPELL = 600_000;

/** A venue stopped answering, or does again: tells the tenant. */
export async function queueVenueOutage(tx: Transaction, tenantId: string, told: VenueOutage): Promise<number> {
  const { venue, mode, state, since, at } = told;
  const dedupeKey = `venue:${venue}:${mode}:${state}:${Math.floor(since / OUTAGE_SPELL)}`;
  return insertOutbox(
    tx,
    tenantId,
    [{ event: 'venue_outage', payload: told, audience: { kind: 'tenant' }, dedupeKey }],
    at,
  );
}

const NO_COUNTS: SignalCounts = { total: 0, filled: 0, partial: 0, open: 0, denied: 0, rejected: 0, unknown: 0 };

async function readSummary(
  tx: Transaction,
  about: { readonly tenantId: string; readonly signalId: string; readonly counts: SignalCounts },
  tradeIds?: readonly string[],
): Promise<SignalSummary> {
  const { tenantId, signalId } = about;
  const signal = await tx.signal.findFirstOrThrow({ where: { id: signalId, tenantId } });
  const trades = await tx.trade.findMany({
    where: {
      signalId,
      tenantId,
      ...(tradeIds === undefined ? { leg: { not: 'stop' } } : { id: { in: [...tradeIds] } }),
    },
    select: TRADE_COLUMNS,
    orderBy: { id: 'asc' },
  });
  const [source, instrument, strategies, accounts] = [
    await tx.signalSource.findFirst({ where: { id: signal.sourceId, tenantId }, select: { name: true } }),
    await tx.instrument.findUnique({ where: { id: signal.instrumentId } }),
    await tx.strategy.findMany({
      where: { tenantId, id: { in: distinct(trades.map((trade) => trade.strategyId)) } },
      select: { id: true, name: true },
    }),
    await tx.exchangeAccount.findMany({
      where: { tenantId, id: { in: distinct(trades.map((trade) => trade.accountId)) } },
      select: { id: true, label: true },
    }),
  ];
  const strategyNames = new Map(strategies.map((strategy) => [strategy.id, strategy.name]));
  const accountLabels = new Map(accounts.map((account) => [account.id, account.label]));
  const intent = signal.intent as unknown as SignalIntent;
  const filledAt = trades.flatMap((trade) => (trade.filledAt === null ? [] : [trade.filledAt.getTime()]));
  return {
    signalId,
    sourceName: source?.name ?? '',
    // Without its instrument a signal has no trades, and its message no quantities.
    symbol: instrument?.symbol ?? signal.instrumentId,
    baseCurrency: instrument?.baseCurrency ?? '',
    quoteCurrency: instrument?.quoteCurrency ?? '',
    contractValue: dec(instrument?.contractValue.toFixed() ?? 1),
    action: intent.action,
    side: intent.side,
    cause: closingFormat(signal.format),
    rejectCode: signal.rejectCode,
    counts: about.counts,
    timings: {
      receivedAt: signal.receivedAt.getTime(),
      firstSentAt: signal.firstSentAt?.getTime() ?? null,
      lastAckAt: signal.lastAckAt?.getTime() ?? null,
      lastFilledAt: filledAt.length === 0 ? null : filledAt.reduce((a, b) => Math.max(a, b)),
    },
    trades: trades.map(
      (trade): TradeSummary => ({
        id: trade.id,
        subscriptionId: trade.subscriptionId,
        customerId: trade.customerId,
        strategyName: strategyNames.get(trade.strategyId) ?? '',
        accountLabel: accountLabels.get(trade.accountId) ?? '',
        leg: trade.leg,
        side: trade.side,
        positionSide: trade.positionSide,
        status: trade.status,
        code: trade.code,
        detail: textDetail(trade.detail),
        quantity: dec(trade.quantity.toFixed()),
        leverage: dec(trade.leverage.toFixed()),
        decisionPrice: trade.decisionPrice === null ? null : dec(trade.decisionPrice.toFixed()),
        filledQuantity: dec(trade.filledQuantity.toFixed()),
        filledValue: dec(trade.filledValue.toFixed()),
        fee: dec(trade.fee.toFixed()),
        realizedPnl: dec(trade.realizedPnl.toFixed()),
      }),
    ),
  };
}

const TRADE_COLUMNS = {
  id: true,
  subscriptionId: true,
  customerId: true,
  strategyId: true,
  accountId: true,
  leg: true,
  side: true,
  positionSide: true,
  status: true,
  code: true,
  detail: true,
  quantity: true,
  leverage: true,
  decisionPrice: true,
  filledQuantity: true,
  filledValue: true,
  fee: true,
  realizedPnl: true,
  filledAt: true,
} as const;

/** The numbers of a denial are a record of texts; whatever else a venue's answer holds is left out. */
function textDetail(detail: unknown): Record<string, string> {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return {};
  return Object.fromEntries(
    Object.entries(detail).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
