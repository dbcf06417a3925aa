import { type GateRule, KILL_SWITCH_LEVELS, KILL_SWITCH_SCOPES } from '../types';

/** The hardest switch of platform, tenant, strategy and customer decides; the widest scope is named first. */
export const killSwitch: GateRule = {
  name: 'kill_switch',
  phase: 'gate',
  appliesTo: 'all',
  evaluate(order, { killSwitches }) {
    const hardness = (scope: (typeof KILL_SWITCH_SCOPES)[number]) => KILL_SWITCH_LEVELS.indexOf(killSwitches[scope]);
    const scope = KILL_SWITCH_SCOPES.reduce((worst, next) => (hardness(next) > hardness(worst) ? next : worst));
    const level = killSwitches[scope];
    const blocked = level === 'halt' || (level !== 'none' && order.leg === 'open');
    return {
      value: level === 'none' ? level : `${scope}: ${level}`,
      limit: order.leg === 'open' ? 'none' : 'not halt',
      denial: blocked ? { code: 'KILL_SWITCH', context: { scope, level } } : null,
    };
  },
};
