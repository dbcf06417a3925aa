import { setTimeout as delay } from 'node:timers/promises';
import { Prisma } from '@/platform/database/database';
import { newId } from '@/platform/ids';
import type { Evidence } from './findings';
import { type HandEvent, makeHands } from './hand-events';
import { letTimePass } from './idle';
import { addUnreadableSignal } from './poison';
import { sendPoison } from './poison-messages';
import { SOURCES } from './scenario';
import { repeats, type Sent, sendSignal } from './sender';
import type { StormTenant } from './tenant';
import type { FaultEvent, Weather } from './weather';
import type { World } from './world';

/** Faults that come once more while everything is flattened. */
const FAULTS_AGAIN = 4;
/** Before that the storm's orders get so long, ms. */
const FILLED_WITHIN = 60_000;

/** The storm itself: signals, kills, faults and whatever else happens, side by side, each at its time. */
export class Rage {
  kills = 0;
  faults = 0;
  readonly #marks: { readonly blame: string; readonly from: number; readonly to: number }[] = [];
  readonly #start = Date.now();
  idles = 0;
  clockSteps = 0;

  constructor(
    private readonly world: World,
    private readonly tenants: readonly StormTenant[],
    private readonly weather: Weather,
    private readonly log: (line: string) => void,
  ) {}

  readonly evidence: Evidence = {
    blames: (blame, from, to) => this.#marks.some((mark) => mark.blame === blame && mark.from <= to && mark.to >= from),
  };

  /** Resolves when all has happened and everything is up again, with what each tenant's senders sent. */
  async run(): Promise<readonly (readonly Sent[])[]> {
    const kills = this.#killAll();
    const disasters = [kills, this.#freezeAll(), this.#faultAll(), this.#passTime(), this.#setClocks()];
    const poisons = this.tenants.map((tenant) => this.#poison(tenant));
    const hands = this.tenants.map((tenant) => this.#handleAll(tenant));
    const flattened = this.#flattenAll(kills);
    const sent = await Promise.all(this.tenants.map((tenant) => this.#sendAll(tenant)));
    await Promise.all([...disasters, ...poisons, ...hands, flattened]);
    await Promise.all(repeats);
    repeats.clear();
    await this.world.allReady();
    await this.world.ask('faults', { clear: true });
    for (const { hands: own } of this.tenants) await own.takeBack();
    return sent;
  }

  async #sendAll(tenant: StormTenant): Promise<readonly Sent[]> {
    return (await Promise.all(SOURCES.map((source) => this.#send(tenant, source)))).flat();
  }

  /** A source sends one signal after the other: what it sends is to be taken in in this order. */
  async #send({ cast, scenario }: StormTenant, source: (typeof SOURCES)[number]): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    const url = `${this.world.web}/api/webhooks/${cast.tokens[source]}`;
    for (const signal of scenario.signals) {
      if (signal.source !== source) continue;
      await this.#until(signal.at);
      sent.push(await sendSignal(url, signal));
    }
    return sent;
  }

  /** Kills of different processes overlap; those of one wait until it is back. */
  async #killAll(): Promise<void> {
    const targets = new Set(this.weather.kills.map((kill) => kill.target));
    await Promise.all(
      [...targets].map(async (target) => {
        for (const kill of this.weather.kills.filter((candidate) => candidate.target === target)) {
          await this.#until(kill.at);
          const from = Date.now();
          this.log(`kill -9 ${target}, back after ${kill.downFor} ms`);
          if (!(await this.world.kill(target, kill.downFor))) continue;
          this.kills += 1;
          this.#marks.push({ blame: 'kill', from, to: Date.now() });
        }
      }),
    );
  }

  async #freezeAll(): Promise<void> {
    for (const freeze of this.weather.freezes) {
      await this.#until(freeze.at);
      this.log(`slow disk for ${freeze.ms} ms`);
      if (await this.world.freezeMysql(freeze.ms)) this.faults += 1;
    }
  }

  async #faultAll(): Promise<void> {
    await Promise.all(
      this.weather.faults.map(async (fault) => {
        await this.#until(fault.at);
        const from = await this.#set(fault.rules);
        if (from === null) return;
        this.log(fault.name);
        this.faults += 1;
        this.#marks.push({ blame: fault.blame, from, to: from + lasting(fault.rules) });
      }),
    );
  }

  async #handleAll({ scenario, hands }: StormTenant): Promise<void> {
    const { seed, followers, signals } = scenario;
    const act = async (event: HandEvent): Promise<void> => {
      await this.#until(event.at);
      const done = await hands.act(event);
      if (done !== null) this.log(done);
    };
    await Promise.all(makeHands(seed, followers, signals).map(act));
  }

  async #passTime(): Promise<void> {
    for (const at of this.weather.idles) {
      await this.#until(at);
      this.#marks.push({ blame: 'idle', from: Date.now(), to: Date.now() });
      for (const { cast } of this.tenants) if (await letTimePass(this.world, cast)) this.idles += 1;
      this.log('a long time has passed');
    }
  }

  async #setClocks(): Promise<void> {
    for (const { at, worker, offsetMs } of this.weather.clocks) {
      await this.#until(at);
      if (!this.world.setClock(worker, offsetMs)) return;
      this.clockSteps += 1;
      this.log(`the clock of ${worker} is ${offsetMs} ms off`);
    }
  }

  async #poison({ cast, scenario, poison }: StormTenant): Promise<void> {
    if (poison === null) return;
    await this.#until(scenario.length / 4);
    await Promise.all([this.#addUnreadable(cast), sendPoison(this.world, poison)]);
    this.log('poison was sent');
  }

  /** Its row has one id, so that a write whose answer is lost is there once. */
  async #addUnreadable(cast: StormTenant['cast']): Promise<void> {
    const id = newId();
    await written(() => addUnreadableSignal(this.world, cast, id));
  }

  /** Once there is something to flatten: what had happened before happens once more, and a worker dies. */
  async #flattenAll(kills: Promise<void>): Promise<void> {
    const tenants = this.tenants.filter(({ scenario }) => scenario.flattensAt !== null);
    if (tenants.length === 0) return;
    await Promise.all(tenants.map((tenant) => this.#flatten(tenant)));
    await kills;
    const again = this.weather.faults.slice(0, FAULTS_AGAIN);
    for (const { rules, blame, name } of again) {
      const from = await this.#set(rules);
      if (from === null) continue;
      this.log(`${name}, while everything is flattened`);
      this.faults += 1;
      this.#marks.push({ blame, from, to: from + lasting(rules) });
    }
    const from = Date.now();
    if (!(await this.world.kill('worker-1', 0))) return;
    this.kills += 1;
    this.#marks.push({ blame: 'kill', from, to: Date.now() });
  }

  async #flatten({ cast: { tenantId, owner }, scenario }: StormTenant): Promise<void> {
    await this.#until(scenario.flattensAt ?? 0);
    for (const deadline = Date.now() + FILLED_WITHIN; Date.now() < deadline; await delay(200)) {
      const held = await this.world.ask<{ positions: unknown[] }>(`positions?owner=${owner}`).catch(() => null);
      if ((held?.positions.length ?? 0) >= scenario.followers.length / 3) break;
    }
    const { system } = this.world.database;
    await written(() =>
      system.$executeRaw(
        Prisma.sql`UPDATE Tenant SET killSwitch = 'flatten', killSwitchAt = UTC_TIMESTAMP(3) WHERE id = ${tenantId}`,
      ),
    );
    this.log('everything is flattened');
  }

  /** Sets rules at the venue, as soon as it is up; answers when. Null: it did not come back in time. */
  async #set(rules: FaultEvent['rules']): Promise<number | null> {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(200)) {
      try {
        const from = Date.now();
        await this.world.ask('faults', { faults: rules });
        return from;
      } catch {
        // The venue is down: a worse fault is going on.
      }
    }
    return null;
  }

  async #until(at: number): Promise<void> {
    const wait = this.#start + at - Date.now();
    if (wait > 0) await delay(wait);
  }
}

/** How long a fault stands at most, ms. */
function lasting(rules: FaultEvent['rules']): number {
  return Math.max(...rules.map((rule) => Number(rule.durationMs ?? 0)));
}

/** Writes a row of the storm's own, if need be once the database is up again. */
async function written(write: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await delay(200)) {
    try {
      await write();
      return;
    } catch (error) {
      // The database is down: a worse fault is going on.
      if (Date.now() > deadline) throw error;
    }
  }
}
