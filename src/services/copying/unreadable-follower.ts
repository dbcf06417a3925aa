import { NO_DEBTS } from '@/domain/debts';
import { ONE, ZERO } from '@/domain/decimal';
import type { Instrument } from '@/domain/instrument';
import type { Follower } from './follower';

/** Of whom a row speaks, whatever else is wrong with it. */
export type FollowerIds = Record<'subscriptionId' | 'customerId' | 'accountId' | 'strategyId', string>;

/** Stands for a follower whose row cannot be understood: he gets a receipt, and no order. */
export function unreadableFollower(ids: FollowerIds, instrument: Instrument, reason: string): Follower {
  const { strategyId, ...of } = ids;
  return {
    strategyId,
    mode: 'simulated',
    marginMode: 'cross',
    keyMark: '',
    leverageSet: null,
    leverageTrusted: false,
    exit: null,
    unreadable: reason,
    snapshot: {
      ...of,
      instrument,
      positionMode: 'net',
      heldSide: null,
      heldQuantity: ZERO,
      closing: ZERO,
      entering: ZERO,
      enteringSide: null,
      closableAtMost: null,
      othersQuantity: ZERO,
      othersLeverage: null,
      symbolMargin: ZERO,
      totalMargin: ZERO,
      symbolWorking: ZERO,
      totalWorking: ZERO,
      equity: null,
      available: null,
      customerActive: true,
      subscriptionActive: true,
      accountProblem: null,
      customerKillSwitch: 'none',
      allowedSymbols: null,
      followRatio: ONE,
      sizingMode: 'ratio',
      sizingValue: null,
      forceMinimum: false,
      reduceToCap: false,
      reverse: false,
      debts: NO_DEBTS,
      customerMaxLeverage: null,
      subscriptionMaxLeverage: null,
      fixedLeverage: null,
      customerLimits: {},
      subscriptionLimits: {},
    },
  };
}
