import { setTimeout as delay } from 'node:timers/promises';
import { type Dec, dec, isAbove, toText, ZERO } from '@/domain/decimal';
import { Prisma } from '@/platform/database/database';
import { readVenueBooks, type VenueBooks } from './books';
import type { Cast } from './cast';
import { type Finding, finding } from './findings';
import { hasStops, type Scenario } from './scenario';
import type { World } from './world';

/** What has to be done is done within this time while it can be, ms. */
const WITHIN = 30_000;
/** What is closed at the venue already (by the customer himself, say) comes off our books within this time, ms. */
const BOOKED_WITHIN = 120_000;
const EVERY = 500;

type Due = { readonly key: string; readonly subscriptionId: string; readonly text: string; readonly within: number };
type HeldRow = {
  readonly subscriptionId: string;
  readonly instrumentId: string;
  readonly side: 'long' | 'short';
  readonly quantity: unknown;
  readonly hasLeft: unknown;
};

/**
 * Watches the venue's book beside our rows: positions without the stop order that they ought to have, and exits that are due and not
 * done. Only the time counts in which something can be done about it; after an outage it begins anew.
 */
export class NakedWatch {
  readonly #since = new Map<string, number>();
  readonly #told = new Map<string, Finding>();
  #longest = 0;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  /** @param obstructed whether no worker is up, or a fault stands now that keeps orders or questions from the venue */
  constructor(
    private readonly world: World,
    private readonly cast: Cast,
    private readonly scenario: Scenario,
    private readonly obstructed: () => boolean,
  ) {}

  start(): void {
    this.#running = this.#run();
  }

  /** Ends it. `longestMs`: how long the longest of them lasted. */
  async stop(): Promise<{ readonly findings: readonly Finding[]; readonly longestMs: number }> {
    this.#stopped = true;
    await this.#running;
    return { findings: [...this.#told.values()], longestMs: Math.round(this.#longest) };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#look().catch(() => this.#since.clear());
      await delay(EVERY);
    }
  }

  async #look(): Promise<void> {
    const books = await readVenueBooks(this.world, this.cast);
    // Read after the venue's: a stop order follows the fill.
    const held = await this.#held();
    const due = [...this.#exits(books, held), ...(await this.#withoutStop(books, held))];
    if (this.obstructed()) {
      this.#since.clear();
      return;
    }
    const now = performance.now();
    const keys = new Set(due.map(({ key }) => key));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const { key, subscriptionId, text, within } of due) {
      const since = this.#since.get(key) ?? now;
      this.#since.set(key, since);
      if (within === WITHIN) this.#longest = Math.max(this.#longest, now - since);
      if (now - since > within && !this.#told.has(key))
        this.#told.set(key, finding('naked', `${text} for ${within / 1000} s`, { subscriptionId }));
    }
  }

  /** What we hold, and whether its leader stands elsewhere or everything is to be flattened. */
  async #held(): Promise<readonly HeldRow[]> {
    const { tenantId } = this.cast;
    return this.world.database.forTenant(tenantId).$queryRaw<HeldRow[]>(
      Prisma.sql`SELECT p.subscriptionId, p.instrumentId, p.side, p.quantity,
          (t.killSwitch = 'flatten' OR l.leaderSide IS NULL OR l.leaderSize = 0
            OR (l.leaderSide = p.side) = u.reverse) AS hasLeft
        FROM Position p JOIN Tenant t ON t.id = p.tenantId JOIN Subscription u ON u.id = p.subscriptionId JOIN Strategy g ON g.id = p.strategyId
        JOIN SignalLane l ON l.sourceId = g.signalSourceId AND l.instrumentId = p.instrumentId
        WHERE p.tenantId = ${tenantId} AND p.quantity > 0`,
    );
  }

  #exits({ positions }: VenueBooks, held: readonly HeldRow[]): readonly Due[] {
    const accounts = new Map(
      this.cast.subscriptions.map(({ id, follower }) => [id, this.cast.accounts[follower]?.venueAccount] as const),
    );
    return held
      .filter(({ hasLeft }) => Number(hasLeft) === 1)
      .map(({ subscriptionId, instrumentId, side, quantity }) => {
        const place = `${accounts.get(subscriptionId)}|${instrumentId.replace(/^okx:/, '')}`;
        const net = positions.get(`${place}|net`) ?? ZERO;
        const isThere =
          !(positions.get(`${place}|${side}`) ?? ZERO).isZero() || (side === 'long' ? net.gt(0) : net.lt(0));
        const of = `${quantity} ${instrumentId} ${side}`;
        return isThere
          ? {
              key: `exit|${subscriptionId}|${instrumentId}|${side}`,
              subscriptionId,
              text: `${of} held although it has to go`,
              within: WITHIN,
            }
          : {
              key: `book|${subscriptionId}|${instrumentId}|${side}`,
              subscriptionId,
              text: `${of} on our books although it is gone`,
              within: BOOKED_WITHIN,
            };
      });
  }

  async #withoutStop({ algos }: VenueBooks, rows: readonly HeldRow[]): Promise<readonly Due[]> {
    const { tenantId, subscriptions } = this.cast;
    const db = this.world.database.forTenant(tenantId);
    const trades = await db.trade.findMany({
      where: { leg: 'stop', id: { in: algos.map(({ algoClOrdId }) => algoClOrdId) } },
      select: { id: true, subscriptionId: true, instrumentId: true, positionSide: true },
    });
    const places = new Map(
      trades.map((row) => [row.id, `${row.subscriptionId}|${row.instrumentId}|${row.positionSide}`]),
    );
    const resting = new Map<string, Dec>();
    for (const { algoClOrdId, state, sz } of algos) {
      const place = places.get(algoClOrdId);
      if (place !== undefined && state === 'live') resting.set(place, (resting.get(place) ?? ZERO).plus(dec(sz)));
    }
    const source = new Map(subscriptions.map(({ id, source: key }) => [id, key]));
    return rows.flatMap(({ subscriptionId, instrumentId, side, quantity, hasLeft }): Due[] => {
      const of = source.get(subscriptionId);
      const instrument = instrumentId.replace(/^okx:/, '');
      if (of === undefined || Number(hasLeft) === 1 || !hasStops(this.scenario.seed, of, instrument)) return [];
      const place = `${subscriptionId}|${instrumentId}|${side}`;
      const held = dec(String(quantity));
      const covered = resting.get(place) ?? ZERO;
      if (!isAbove(held, covered)) return [];
      const text = `${toText(held)} ${instrument} ${side} held, a stop order of ${toText(covered)} rests`;
      return [{ key: `stop|${place}`, subscriptionId, text, within: WITHIN }];
    });
  }
}
