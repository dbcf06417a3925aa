import type { Placeable } from './order-executor';
import { Phase } from './phase';
import type { PhaseDeps, PhaseOrders } from './phase-orders';
import { saysNothingHeld } from './position-refusal';
import { readSignalTrades, type TradeRecord } from './trade-record';

export type DispatchPlan = PhaseOrders & {
  readonly parts: AsyncIterable<readonly Placeable[]>;
  /** Whoever opens and closes does so in turn: the open waits for the close. */
  readonly turns: boolean;
};

/** Sends the orders of one signal: first the closes, then, where nothing is left of what they close, the opens. Resolves when all are settled. */
export class Dispatcher {
  constructor(readonly deps: PhaseDeps) {}

  async dispatch(plan: DispatchPlan): Promise<void> {
    const { parts, turns } = plan;
    const opens: Placeable[] = [];
    await this.#phase(plan, async (phase) => {
      for await (const part of parts) {
        if (plan.limits.signal.aborted) return;
        await phase.start(turns ? part.filter((item) => item.trade.leg === 'close') : part);
        if (turns) opens.push(...part.filter((item) => item.trade.leg === 'open'));
      }
    });
    if (opens.length === 0 || plan.limits.signal.aborted) return;
    const { allowed, blocked } = await this.#afterCloses(plan, opens);
    await this.#phase(plan, (phase) => phase.start(allowed));
    // What a worker that is gone may have sent must be asked for, but is not sent by us.
    const limits = { ...plan.limits, freshUntil: 0, expiredAs: 'CLOSE_NOT_FILLED' };
    await this.#phase({ ...plan, limits }, (phase) => phase.start(blocked));
  }

  async #phase(orders: PhaseOrders, start: (phase: Phase) => Promise<void>): Promise<void> {
    const phase = new Phase(this.deps, orders);
    try {
      await start(phase);
      await phase.settle();
    } finally {
      phase.close();
    }
  }

  /** An open that follows a close is sent only where nothing is left to be closed. */
  async #afterCloses(
    plan: DispatchPlan,
    opens: readonly Placeable[],
  ): Promise<{ readonly allowed: readonly Placeable[]; readonly blocked: readonly Placeable[] }> {
    await plan.rows;
    const rows = await readSignalTrades(this.deps.database.forTenant(plan.tenantId), plan.tenantId, plan.signalId);
    const left = new Set(rows.filter((row) => row.leg === 'close' && mayBeLeft(row)).map((row) => row.subscriptionId));
    return {
      allowed: opens.filter((item) => !left.has(item.trade.subscriptionId)),
      blocked: opens.filter((item) => left.has(item.trade.subscriptionId)),
    };
  }
}

/** Whether something of the position may be there after its close. What our books alone hold is proved, and taken off them, later. */
function mayBeLeft({ status, code }: Pick<TradeRecord, 'status' | 'code'>): boolean {
  if (status === 'rejected') return !saysNothingHeld(code ?? '');
  return status !== 'filled' && status !== 'denied';
}
