import { hardestSwitch, switchBlocks } from '../kill-switches';
import type { GateRule } from '../types';

/** The hardest switch of platform, tenant, strategy and customer decides; the widest scope is named first. */
export const killSwitch: GateRule = {
  name: 'kill_switch',
  phase: 'gate',
  appliesTo: 'all',
  evaluate(order, { killSwitches }) {
    const inForce = hardestSwitch(killSwitches);
    return {
      value: inForce === null ? 'none' : `${inForce.scope}: ${inForce.level}`,
      limit: order.leg === 'open' ? 'none' : 'not halt',
      denial:
        inForce !== null && switchBlocks(inForce.level, order.leg)
          ? { code: 'KILL_SWITCH', context: { scope: inForce.scope, level: inForce.level } }
          : null,
    };
  },
};
