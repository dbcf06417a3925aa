import {
  KILL_SWITCH_LEVELS,
  KILL_SWITCH_SCOPES,
  type KillSwitches,
  type KillSwitchLevel,
  type KillSwitchScope,
} from './types';

/** A switch that is on: where, and how hard. */
export type SwitchInForce = {
  readonly scope: KillSwitchScope;
  readonly level: Exclude<KillSwitchLevel, 'none'>;
};

/** The hardest of the switches decides; of equally hard ones the widest scope is named. Null: all are off. */
export function hardestSwitch(switches: KillSwitches): SwitchInForce | null {
  let hardest: SwitchInForce | null = null;
  for (const scope of KILL_SWITCH_SCOPES) {
    const level = switches[scope];
    if (level === 'none') continue;
    if (hardest === null || hardness(level) > hardness(hardest.level)) hardest = { scope, level };
  }
  return hardest;
}

function hardness(level: KillSwitchLevel): number {
  return KILL_SWITCH_LEVELS.indexOf(level);
}

/** Whether a switch holds back an order of this kind: halt everything, the others entries. */
export function switchBlocks(level: KillSwitchLevel, leg: 'open' | 'close'): boolean {
  return level === 'halt' || (level !== 'none' && leg === 'open');
}

/** Whether resting entries of ours are taken back. Under halt nothing is sent at all, cancels neither. */
export function switchCancelsEntries(level: KillSwitchLevel): boolean {
  return level === 'reduce_only' || level === 'flatten';
}
