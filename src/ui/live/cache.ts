import type { QueryClient } from '@tanstack/react-query';
import type { PositionView, ReceiptView, SignalView, TradeView } from '@/contracts/api/copying';
import type { CustomerView, ExchangeAccountView } from '@/contracts/api/people';
import type { AccountChange, PositionChange, RealtimeEvents, SignalChange, TradeChange } from '@/contracts/realtime';
import type { ListData } from '../api/lists';
import { withReceiptChanges, withTradeChange } from './patches';
import { createRefresher } from './refresher';

type Handlers = { [K in keyof RealtimeEvents]: (payload: RealtimeEvents[K]) => void };

/**
 * Writes pushes into the cache of fetched rows. What a push does not carry (a new row, times, a sum) is fetched again,
 * at most once per short while and only where it is on the screen.
 */
export function createCachePatcher(client: QueryClient): { handlers: Handlers; dispose: () => void } {
  const refresher = createRefresher(client);

  /** Answers whether every changed row was there already. */
  function patchLists<T>(path: string, change: (row: T) => T, seen?: (row: T) => void): void {
    client.setQueriesData<ListData<T>>({ queryKey: ['list', path] }, (list) => {
      if (list === undefined) return list;
      let touched = false;
      const pages = list.pages.map((page) => {
        let changed = false;
        const items = page.items.map((row) => {
          seen?.(row);
          const next = change(row);
          if (next !== row) changed = true;
          return next;
        });
        if (!changed) return page;
        touched = true;
        return { ...page, items };
      });
      return touched ? { ...list, pages } : list;
    });
  }

  function trades(changes: readonly TradeChange[]): void {
    const byId = new Map(changes.map((change) => [change.id, change]));
    const missing = new Set(byId.keys());
    patchLists<TradeView>(
      '/trades',
      (row) => {
        const change = byId.get(row.id);
        return change === undefined ? row : withTradeChange(row, change);
      },
      (row) => missing.delete(row.id),
    );
    if (missing.size > 0) refresher.soon(['list', '/trades']);
    for (const signalId of new Set(changes.map((change) => change.signalId))) receipts(signalId, byId);
    refresher.soon(['dashboard'], 1500);
    refresher.soon(['system'], 1500);
    refresher.soon(['overview'], 1000);
  }

  function receipts(signalId: string, changes: ReadonlyMap<string, TradeChange>): void {
    const key = ['receipts', signalId];
    let missing = false;
    client.setQueryData<ReceiptView[]>(key, (rows) => {
      if (rows === undefined) return rows;
      const known = new Set(rows.flatMap((row) => row.trades.map(({ id }) => id)));
      missing = [...changes.values()].some((change) => change.signalId === signalId && !known.has(change.id));
      let touched = false;
      const next = rows.map((row) => {
        const changed = withReceiptChanges(row, changes);
        if (changed !== row) touched = true;
        return changed;
      });
      return touched ? next : rows;
    });
    // Fills, times and reasons are not pushed; rows that are not there yet are wanted at once.
    refresher.soon(key, missing ? 150 : 1500);
  }

  function signal(change: SignalChange): void {
    let known = false;
    const patch = (row: SignalView): SignalView => {
      if (row.id !== change.id) return row;
      known = true;
      return { ...row, status: change.status as SignalView['status'], counts: change.counts ?? row.counts };
    };
    patchLists<SignalView>('/signals', patch);
    client.setQueryData<SignalView>(['signal', change.id], (row) => (row === undefined ? row : patch(row)));
    // Times of the signal are not pushed.
    refresher.soon(['signal', change.id], 300);
    if (!known || change.status === 'done') refresher.soon(['list', '/signals']);
    refresher.soon(['receipts', change.id], 1000);
    refresher.soon(['dashboard'], 1500);
    refresher.soon(['system'], 1500);
  }

  function positions(changes: readonly PositionChange[]): void {
    const keyOf = (row: PositionView | PositionChange) => `${row.subscriptionId}|${row.symbol}|${row.side}`;
    const byKey = new Map(changes.map((change) => [keyOf(change), change]));
    patchLists<PositionView>('/positions', (row) => {
      const change = byKey.get(keyOf(row));
      return change === undefined ? row : { ...row, quantity: change.quantity, averagePrice: change.averagePrice };
    });
    // Coins, unrealised profit and whether the row is still there are the server's to say.
    refresher.soon(['list', '/positions'], 700);
    refresher.soon(['overview'], 1000);
  }

  function accounts(changes: readonly AccountChange[]): void {
    const byId = new Map(changes.map((change) => [change.accountId, change]));
    patchLists<ExchangeAccountView>('/exchange-accounts', (row) => {
      const change = byId.get(row.id);
      if (change === undefined) return row;
      const equity = change.equity ?? row.equity;
      if (change.health === null) return { ...row, equity };
      return { ...row, health: change.health as ExchangeAccountView['health'], healthCode: change.healthCode, equity };
    });
    for (const id of byId.keys()) refresher.soon(['account', id]);
    refresher.soon(['list', '/exchange-accounts'], 1000);
    refresher.soon(['system'], 1500);
    const owners = new Set(changes.map((change) => change.customerId));
    patchLists<CustomerView>(
      '/customers',
      (row) => row,
      (row) => {
        if (owners.has(row.id)) refresher.soon(['list', '/customers'], 2000);
      },
    );
    refresher.soon(['overview'], 1000);
  }

  return {
    handlers: {
      signal_received: signal,
      signal_update: signal,
      order_submitted: trades,
      order_filled: trades,
      order_failed: trades,
      position_update: positions,
      account_update: accounts,
      kill_switch_update: () => {
        for (const key of [
          ['me'],
          ['kill-switch'],
          ['trading-stops'],
          ['system'],
          ['list', '/customers'],
          ['list', '/strategies'],
        ])
          refresher.soon(key);
      },
      drift_update: () => {
        refresher.soon(['list', '/drift'], 500);
        refresher.soon(['list', '/positions'], 700);
        refresher.soon(['overview'], 1000);
        refresher.soon(['system'], 500);
      },
      exit_update: () => {
        refresher.soon(['list', '/exits'], 500);
        refresher.soon(['list', '/positions'], 700);
        refresher.soon(['system'], 500);
        refresher.soon(['kill-switch'], 500);
        refresher.soon(['overview'], 1000);
        refresher.soon(['dashboard'], 1500);
      },
      price_update: () => {
        refresher.soon(['list', '/positions'], 5000);
      },
    },
    dispose: refresher.dispose,
  };
}
