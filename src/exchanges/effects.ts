import { currentTime } from '@/platform/clock';
import type { EffectPlane } from '@/platform/effects';
import {
  type AccountClient,
  type OrderPlacer,
  type PlacementOutcome,
  type SettingOutcome,
  type Venue,
  VenueError,
} from './port';

/** What an interrupted request looks like to us: it may have happened. */
const LOST = { kind: 'unknown', code: 'TRANSPORT', message: 'The answer was lost' } as const;

/** Sends every request of a venue through the effect plane. Streams are not effects: they only bring in. */
export function venueThroughEffects(venue: Venue, plane: EffectPlane): Venue {
  const placer: OrderPlacer = {
    warm: (mode, connections) => venue.placer.warm(mode, connections),
    place: (account, order) =>
      plane
        .perform({ kind: 'venue', name: 'place' }, () => venue.placer.place(account, order))
        .catch((): PlacementOutcome => ({ ...LOST, at: currentTime() })),
    setLeverage: (...request) =>
      plane
        .perform({ kind: 'venue', name: 'set leverage' }, () => venue.placer.setLeverage(...request))
        .catch((): SettingOutcome => LOST),
    placeStop: (account, stop) =>
      plane
        .perform({ kind: 'venue', name: 'place stop' }, () => venue.placer.placeStop(account, stop))
        .catch((): PlacementOutcome => ({ ...LOST, at: currentTime() })),
    changeStop: (account, levels) =>
      plane
        .perform({ kind: 'venue', name: 'change stop' }, () => venue.placer.changeStop(account, levels))
        .catch((): SettingOutcome => LOST),
    close: () => venue.placer.close(),
  };
  return {
    key: venue.key,
    placer,
    market: venue.market,
    breaker: (mode) => venue.breaker(mode),
    clock: (mode) => venue.clock(mode),
    breakers: () => venue.breakers(),
    account: (account) => accountThroughEffects(venue.account(account), plane),
    openAccountStream: (account, listener) => venue.openAccountStream(account, listener),
    openPriceStream: (mode, symbols, listener) => venue.openPriceStream(mode, symbols, listener),
    close: () => venue.close(),
  };
}

function accountThroughEffects(client: AccountClient, plane: EffectPlane): AccountClient {
  const ask = <T>(name: string, act: () => Promise<T>): Promise<T> =>
    plane.perform({ kind: 'venue', name }, act).catch((error: unknown) => {
      if (error instanceof VenueError) throw error;
      throw new VenueError('TRANSPORT', 'The answer was lost', 'unavailable');
    });
  return {
    getOrder: (symbol, clientOrderId) => ask('get order', () => client.getOrder(symbol, clientOrderId)),
    getOrderById: (symbol, venueOrderId) => ask('get order by id', () => client.getOrderById(symbol, venueOrderId)),
    getStop: (symbol, clientOrderId) => ask('get stop', () => client.getStop(symbol, clientOrderId)),
    getPendingOrders: (symbol) => ask('get pending orders', () => client.getPendingOrders(symbol)),
    getFills: (symbol, venueOrderId) => ask('get fills', () => client.getFills(symbol, venueOrderId)),
    getExecutions: (symbol, since) => ask('get executions', () => client.getExecutions(symbol, since)),
    getEndedPositions: (symbol) => ask('get ended positions', () => client.getEndedPositions(symbol)),
    getBalance: () => ask('get balance', () => client.getBalance()),
    getPositions: () => ask('get positions', () => client.getPositions()),
    getConfig: () => ask('get config', () => client.getConfig()),
    getLeverage: (symbol, marginMode) => ask('get leverage', () => client.getLeverage(symbol, marginMode)),
    cancelOrder: (symbol, clientOrderId) => ask('cancel', () => client.cancelOrder(symbol, clientOrderId)),
    cancelStop: (symbol, clientOrderId, startBy) =>
      ask('cancel stop', () => client.cancelStop(symbol, clientOrderId, startBy)),
  };
}
