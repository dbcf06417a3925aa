import { averagePrice } from '@/domain/average-price';
import { NO_DEBTS, type SideDebts, withDebt } from '@/domain/debts';
import type { FollowerSnapshot } from '@/domain/decide';
import { type Dec, dec, isBelowZero, maxDec, ONE, toText, ZERO } from '@/domain/decimal';
import type { ListedInstrument } from '@/domain/listing';
import { applyClosingFill, applyFill, FLAT_POSITION, type OwnPosition } from '@/domain/position';
import { NO_LEVELS, type ProtectionLevels, wantedProtection } from '@/domain/protection';
import type { LeaderBook, PositionSide } from '@/domain/signal';
import { type LaneTimes, NO_TIMES } from '@/domain/signal-order';
import { NOTHING_COMMITTED } from '@/services/copying/committed-margin';
import type { Follower } from '@/services/copying/follower';
import {
  keptDecision,
  orderOf,
  type Plan,
  type PlannedTrade,
  planSignal,
  protectionKey,
} from '@/services/copying/plan';
import type { Setup, Step } from './sequence';

/** The product's rules, with one follower's rows in memory. */
export class Product {
  book: LeaderBook = { side: null, quantity: '0' };
  times: LaneTimes = NO_TIMES;
  position: OwnPosition = FLAT_POSITION;
  leverage: Dec = ONE;
  debts: SideDebts = NO_DEBTS;
  levels: Partial<Record<PositionSide, ProtectionLevels>> = {};
  readonly instrument: ListedInstrument;

  constructor(readonly setup: Setup) {
    const { contractValue, lotSize, minSize, maxMarketSize, tickSize, maxLeverage } = setup;
    this.instrument = {
      ...{ id: 'okx:X-USDT-SWAP', venue: 'okx', symbol: 'X-USDT-SWAP', state: 'live', endsAt: null },
      ...{ baseCurrency: 'X', quoteCurrency: 'USDT', settleCurrency: 'USDT' },
      ...{ contractValue: dec(contractValue), lotSize: dec(lotSize), minSize: dec(minSize), tickSize: dec(tickSize) },
      ...{ maxMarketSize: optional(maxMarketSize), maxLeverage: dec(maxLeverage) },
    };
  }

  /** Null: the signal cannot be carried out. */
  plan(step: Step): Plan | null {
    const { setup } = this;
    const plan = planSignal({
      ...{ now: step.intent.sentAt, maxLagMs: 60_000, intent: step.intent, instrument: this.instrument },
      ...{ book: this.book, times: this.times },
      leaderEquity: dec(setup.leaderEquity),
      strategies: [
        {
          ...{ id: 'strategy', active: true, killSwitch: 'none', symbols: null, maxSlippage: dec(setup.slippage) },
          ...{ defaultLeverage: dec(setup.defaultLeverage), maxLeverage: dec(setup.strategyMaxLeverage) },
        },
      ],
      followers: [this.#follower(step)],
      ...{ committed: NOTHING_COMMITTED, tenantKillSwitch: 'none', platformKillSwitch: 'none' },
      ...{ resting: new Set<string>(), stopsRest: new Set<string>() },
      protected: new Set(Object.keys(this.levels).map((side) => protectionKey('s', side as PositionSide))),
      prices: step.market === null ? new Map() : new Map([['simulated', dec(step.market)]]),
    });
    if (!plan.ok) return null;
    const [unexplained] = plan.undecided;
    if (unexplained !== undefined) throw new Error(unexplained.reason);
    return plan;
  }

  #follower(step: Step): Follower {
    const { setup, position } = this;
    const margin = position.cost.div(this.leverage);
    const snapshot: FollowerSnapshot = {
      ...{ subscriptionId: 's', customerId: 'c', accountId: 'a', instrument: this.instrument, positionMode: 'net' },
      ...{
        heldSide: position.side,
        heldQuantity: position.quantity,
        closing: ZERO,
        entering: ZERO,
        enteringSide: null,
      },
      ...{ closableAtMost: null, othersQuantity: ZERO, othersLeverage: null, symbolWorking: ZERO, totalWorking: ZERO },
      ...{ symbolMargin: margin, totalMargin: margin.plus(step.elsewhere) },
      ...{ equity: optional(step.equity), available: optional(step.free) },
      ...{ customerActive: true, subscriptionActive: true, accountProblem: null, customerKillSwitch: 'none' },
      ...{
        allowedSymbols: null,
        followRatio: dec(setup.ratio),
        sizingMode: setup.mode,
        sizingValue: optional(setup.value),
      },
      ...{ forceMinimum: setup.forceMinimum, reduceToCap: setup.reduceToCap, reverse: setup.reverse },
      debts: { long: this.#counted('long'), short: this.#counted('short') },
      customerMaxLeverage: optional(setup.customerMaxLeverage),
      subscriptionMaxLeverage: optional(setup.subscriptionMaxLeverage),
      fixedLeverage: null,
      customerLimits: {},
      subscriptionLimits: {
        ...{ maxOrderShare: dec(setup.orderShare), maxSymbolShare: dec(setup.symbolShare) },
        maxTotalShare: dec(setup.totalShare),
      },
    };
    return {
      ...{ strategyId: 'strategy', mode: 'simulated', marginMode: 'cross', keyMark: '', leverageSet: null },
      ...{ leverageTrusted: false, exit: null, snapshot },
    };
  }

  /** As the rows of followers are read. */
  #counted(side: PositionSide): Dec {
    const held = this.position.side === side ? this.position.quantity : ZERO;
    const debt = this.debts[side];
    return isBelowZero(debt) ? maxDec(debt, held.neg()) : debt;
  }

  /** What the end of a signal writes: as if all of its orders stood. */
  settle(plan: Plan): void {
    if (plan.bookAfter.side === null || (this.book.side !== null && this.book.side !== plan.bookAfter.side)) {
      this.debts = NO_DEBTS;
    }
    this.book = plan.bookAfter;
    this.times = plan.times ?? this.times;
    for (const { decision, goesOn } of plan.trades) {
      const { leg, positionSide } = orderOf(decision);
      const counts = decision.outcome === 'order' || leg === 'close' || decision.code === 'BELOW_MINIMUM';
      const { debtAfter } = keptDecision(decision, ZERO, goesOn);
      if (counts && debtAfter !== null) this.debts = withDebt(this.debts, positionSide, dec(debtAfter));
    }
    for (const { side, levels } of plan.protections) {
      const none = Object.values(levels).every((level) => level === null);
      if (none) delete this.levels[side];
      else this.levels[side] = levels;
    }
  }

  fill({ decision }: PlannedTrade, price: string): void {
    const { leg, side, quantity, leverage } = orderOf(decision);
    const book = leg === 'open' ? applyFill : applyClosingFill;
    this.position = book(this.position, { side, quantity, price: dec(price), fee: ZERO }, this.instrument);
    if (leg === 'open') this.leverage = leverage;
    for (const one of ['long', 'short'] as const) if (this.position.side !== one) delete this.levels[one];
  }

  average(): Dec | null {
    return averagePrice(this.instrument, this.position.quantity, this.position.cost);
  }

  stopOrder() {
    const { side, quantity } = this.position;
    const levels = side === null ? NO_LEVELS : (this.levels[side] ?? NO_LEVELS);
    return side === null ? null : wantedProtection(levels, side, quantity, this.average(), this.instrument);
  }
}

function optional(text: string | null): Dec | null {
  return text === null ? null : dec(text);
}

/** What a planned trade says, as text. */
export function outcomeOf({ decision, leg, goesOn }: PlannedTrade) {
  const order = orderOf(decision);
  const ordered = decision.outcome === 'order';
  return {
    leg,
    side: order.positionSide,
    code: ordered ? null : decision.code,
    quantity: ordered ? toText(order.quantity) : null,
    limit: order.limitPrice === null ? null : toText(order.limitPrice),
    leverage: toText(order.leverage),
    debtAfter: toText(decision.debtAfter),
    goesOn,
    steps: decision.steps.map(({ label }) => label),
    context: ordered ? {} : decision.context,
  };
}
