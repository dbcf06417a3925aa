import type { SignalIntent, TriggerLevel } from '@/domain/signal';
import { countedDebts } from './close';
import {
  type Contract,
  type Decided,
  emptyBook,
  type Level,
  type Levels,
  type Moment,
  type Order,
  type Settings,
  type Side,
} from './facts';
import { average, decide, fill, settle, stopOrder } from './follower';
import { type LeaderBook, type Leg, moveLeader } from './leader';
import { outcomeOf, Product } from './product';
import { Rational, ZERO } from './rational';
import { type Sequence, type Setup, type Step, sequenceOf } from './sequence';

/** What a sequence came across, by name. */
export type Met = Map<string, number>;

/** Runs the sequence of a seed through the product and the model. Throws where they differ; notes what it met. */
export function compareSequence(seed: number, met: Met): void {
  const sequence = sequenceOf(seed);
  try {
    new Comparison(sequence, met).run();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`Seed ${seed}: ${reason}`);
  }
}

class Comparison {
  readonly #product: Product;
  readonly #leader: LeaderBook = { side: null, quantity: ZERO };
  readonly #book = emptyBook();
  readonly #levels: Partial<Record<Side, Levels>> = {};
  readonly #settings: Settings;
  readonly #contract: Contract;

  constructor(
    readonly sequence: Sequence,
    readonly met: Met,
  ) {
    this.#product = new Product(sequence.setup);
    this.#settings = settingsOf(sequence.setup);
    this.#contract = contractOf(sequence.setup);
  }

  run(): void {
    for (const [index, step] of this.sequence.steps.entries()) {
      try {
        this.#step(step);
      } catch (error) {
        const told = { index, setup: this.sequence.setup, step, held: `${this.#book.side} ${this.#book.quantity}` };
        throw new Error(`${(error as Error).stack}\n${JSON.stringify(told, null, 1)}`);
      }
    }
  }

  #step(step: Step): void {
    const { setup } = this.sequence;
    const order = orderOf(step.intent);
    const moment = momentOf(step, setup);
    const sideBefore = this.#leader.side;
    const defaultLeverage = Rational.parse(setup.defaultLeverage);
    const legs = moveLeader(this.#leader, order, this.#contract, moment, defaultLeverage);
    const plan = this.#product.plan(step);
    same('carried out', plan !== null, legs !== null);
    if (plan === null || legs === null) {
      this.#note('signal refused');
      return;
    }
    same('leader’s side', plan.bookAfter.side, this.#leader.side);
    equal('leader’s quantity', plan.bookAfter.quantity, this.#leader.quantity);

    const book = { ...this.#book, debts: countedDebts(this.#book) };
    const wanted = order.leverage ?? defaultLeverage;
    const decided = decide(book, legs, this.#settings, this.#contract, order, moment, wanted);
    same('decisions', plan.trades.length, decided.length);
    for (const [at, trade] of plan.trades.entries()) {
      const mine = decided[at];
      if (mine !== undefined) this.#decision(outcomeOf(trade), mine);
    }
    this.#figures(plan.trades.map(outcomeOf), legs, order, moment, wanted);

    const heldBefore = this.#book.side;
    const stays = this.#leader.side !== null && (sideBefore === null || sideBefore === this.#leader.side);
    settle(this.#book, decided, !stays);
    this.#setLevels(step.intent, order, decided, heldBefore);
    this.#product.settle(plan);
    for (const [at, trade] of plan.trades.entries()) {
      const mine = decided[at];
      if (mine !== undefined && mine.code === null) this.#fill(step, trade, mine, moment);
    }
    this.#state();
  }

  #fill(step: Step, trade: Parameters<Product['fill']>[0], mine: Decided, { market }: Moment): void {
    const { limit, leg, side, quantity } = mine;
    const buys = (leg === 'open') === (side === 'long');
    const rests = limit !== null && market !== null && (buys ? limit.lt(market) : limit.gt(market));
    if (quantity === null || (leg === 'open' && rests && !step.restFills)) return;
    const { limit: text } = outcomeOf(trade);
    const price = rests && text !== null ? text : step.last;
    this.#product.fill(trade, price);
    fill(this.#book, mine, quantity, Rational.parse(price), this.#contract);
    for (const one of ['long', 'short'] as const) if (this.#book.side !== one) delete this.#levels[one];
    this.#note(rests ? 'rested' : 'filled at once');
  }

  #decision(theirs: ReturnType<typeof outcomeOf>, mine: Decided): void {
    const { code, leg } = mine;
    this.#note(`${leg} ${code ?? 'ordered'}`);
    if (mine.goesOn) this.#note('close in parts');
    if (theirs.steps.includes('reduced_to_cap')) this.#note('reduced to a cap');
    same('leg', theirs.leg, leg);
    same('code', theirs.code, code);
    same('side', theirs.side, mine.side);
    same('goes on', theirs.goesOn, mine.goesOn);
    equal('quantity', theirs.quantity, mine.quantity);
    equal('limit', theirs.limit, mine.limit);
    equal('leverage', theirs.leverage, mine.leverage);
    // A denial before its size keeps whatever was owed.
    equal('debt', theirs.debtAfter, mine.debtAfter);
  }

  /** What is said to be enough is, by the model's own rules, and the next smaller is not. */
  #figures(
    told: readonly ReturnType<typeof outcomeOf>[],
    legs: readonly Leg[],
    order: Order,
    moment: Moment,
    wanted: Rational,
  ): void {
    const [only] = told;
    if (legs.length !== 1 || only === undefined || only.leg !== 'open' || only.code !== 'BELOW_MINIMUM') return;
    const book = { ...this.#book, debts: countedDebts(this.#book) };
    const { equity, free } = moment;
    if (equity === null) return;
    const copies = (settings: Partial<Settings>, balance: Rational): boolean => {
      const paidIn = { ...moment, equity: balance, free: free === null ? null : free.plus(balance.minus(equity)) };
      const all = decide(book, legs, { ...this.#settings, ...settings }, this.#contract, order, paidIn, wanted);
      return all[0]?.code === null;
    };
    const { minimumBalance, minimumRatio, minimumValue, cap, scalesWith } = only.context as Record<string, string>;
    const exactly = book.debts[only.side].sign <= 0;
    const check = (name: string, text: string, step: string, copiesWith: (x: Rational) => boolean): void => {
      this.#note(name);
      const least = Rational.parse(text);
      same(`${name} ${text} copies`, copiesWith(least), true);
      const smaller = least.minus(Rational.parse(step));
      if (exactly && smaller.sign > 0) same(`less than ${name} ${text} copies`, copiesWith(smaller), false);
    };
    if (minimumBalance !== undefined) {
      check('minimum balance', minimumBalance, '0.01', (x) => copies({}, x));
    } else if (minimumRatio !== undefined) {
      check('minimum ratio', minimumRatio, '0.00000001', (x) => copies({ ratio: x }, equity));
    } else if (minimumValue !== undefined) {
      const step = Rational.parse(minimumValue).over(Rational.of(1_000_000n));
      this.#note('minimum value');
      const least = Rational.parse(minimumValue);
      same(`minimum value ${minimumValue} copies`, copies({ value: least }, equity), true);
      if (exactly) same('less than the minimum value copies', copies({ value: least.minus(step) }, equity), false);
    } else if (cap !== undefined) {
      this.#note(`no figure: ${cap}`);
      const { ratio, value } = this.#settings;
      for (let factor = Rational.of(1n), tries = 0; tries < 25; tries += 1) {
        factor = factor.times(Rational.of(3n, 2n)).nearest(Rational.of(1n, 100n));
        const larger =
          scalesWith === 'equity'
            ? copies({}, equity.times(factor))
            : copies(
                scalesWith === 'ratio' ? { ratio: ratio.times(factor) } : { value: (value ?? ZERO).times(factor) },
                equity,
              );
        same(`${scalesWith} times ${factor} copies although none is said to`, larger, false);
      }
    }
  }

  /** Levels are those of the side on which the leader stands; an entry from nothing that names none starts without any. */
  #setLevels({ action, side }: SignalIntent, order: Order, decided: readonly Decided[], held: Side | null): void {
    const { reverse } = this.#settings;
    const entry = decided.find(({ leg, code }) => leg === 'open' && code === null);
    const entered = entry?.side ?? null;
    const names = action === 'protect' || order.stopLoss !== null || order.takeProfit !== null;
    if (!names) {
      if (entered !== null && entered !== held) delete this.#levels[entered];
      return;
    }
    const leader = action === 'protect' ? (side ?? this.#leader.side) : this.#leader.side;
    const turned = leader !== null && reverse ? (leader === 'long' ? 'short' : 'long') : leader;
    const own = turned ?? (action === 'protect' ? held : null);
    if (own === null || (own !== entered && own !== held)) return;
    const [stop, take] = reverse ? [order.takeProfit, order.stopLoss] : [order.stopLoss, order.takeProfit];
    if (stop === null && take === null) delete this.#levels[own];
    else this.#levels[own] = { stop, take };
  }

  #state(): void {
    const { position, debts } = this.#product;
    same('held side', position.side, this.#book.side);
    equal('held quantity', position.quantity.toFixed(), this.#book.quantity);
    equal('cost', position.cost.toFixed(), this.#book.cost);
    equal('realised', position.realizedPnl.toFixed(), this.#book.realized);
    for (const side of ['long', 'short'] as const) {
      equal(`debt of the ${side} side`, debts[side].toFixed(), this.#book.debts[side]);
    }
    const entry = average(this.#book, this.#contract);
    equal('average', this.#product.average()?.toFixed() ?? null, entry);
    const { side, quantity } = this.#book;
    const theirs = this.#product.stopOrder();
    const levels = side === null ? undefined : this.#levels[side];
    const mine =
      side === null || levels === undefined || entry === null
        ? null
        : stopOrder(levels, side, entry, quantity, this.#contract);
    if (mine !== null) this.#note('stop order');
    equal('stop order', theirs?.quantity.toFixed() ?? null, mine?.quantity ?? null);
    equal('stop-loss', theirs?.stopPrice?.toFixed() ?? null, mine?.stop ?? null);
    equal('take-profit', theirs?.takePrice?.toFixed() ?? null, mine?.take ?? null);
  }

  #note(name: string): void {
    this.met.set(name, (this.met.get(name) ?? 0) + 1);
  }
}

function same(what: string, theirs: unknown, mine: unknown): void {
  if (theirs !== mine) throw new Error(`${what}: the product says ${String(theirs)}, the model ${String(mine)}`);
}

function equal(what: string, theirs: string | null, mine: Rational | null): void {
  const agree = theirs === null || mine === null ? theirs === mine : Rational.parse(theirs).eq(mine);
  if (!agree) same(what, theirs, mine?.toString() ?? null);
}

const read = Rational.parse;
const readOr = (text: string | null): Rational | null => (text === null ? null : Rational.parse(text));

function settingsOf(setup: Setup): Settings {
  const { mode, forceMinimum, reduceToCap, reverse } = setup;
  const limits = [setup.strategyMaxLeverage, setup.customerMaxLeverage, setup.subscriptionMaxLeverage];
  return {
    ...{ mode, forceMinimum, reduceToCap, reverse, value: readOr(setup.value), ratio: read(setup.ratio) },
    leverageLimits: limits.flatMap((limit) => (limit === null ? [] : [read(limit)])),
    ...{ orderShare: read(setup.orderShare), symbolShare: read(setup.symbolShare), totalShare: read(setup.totalShare) },
    slippage: read(setup.slippage),
  };
}

function contractOf(setup: Setup): Contract {
  return {
    ...{ coins: read(setup.contractValue), lot: read(setup.lotSize), minimum: read(setup.minSize) },
    ...{ largest: readOr(setup.maxMarketSize), tick: read(setup.tickSize), maxLeverage: read(setup.maxLeverage) },
  };
}

function momentOf({ market, equity, free, elsewhere }: Step, { leaderEquity }: Setup): Moment {
  return {
    ...{ market: readOr(market), equity: readOr(equity), free: readOr(free), elsewhere: read(elsewhere) },
    leaderEquity: read(leaderEquity),
  };
}

function levelOf(level: TriggerLevel | null | undefined): Level | null {
  return level == null ? null : { unit: level.unit, value: read(level.value) };
}

function orderOf(intent: SignalIntent): Order {
  const { action, side, size } = intent;
  return {
    ...{ action, side, size: size === null ? null : { unit: size.unit, value: read(size.value) } },
    ...{ limit: readOr(intent.limitPrice), seen: readOr(intent.referencePrice), leverage: readOr(intent.leverage) },
    stopPrice: readOr(intent.stopPrice),
    ...{ stopLoss: levelOf(intent.stopLoss), takeProfit: levelOf(intent.takeProfit) },
  };
}
