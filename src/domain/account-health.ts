/**
 * unchecked  nobody has tried its key yet: it does not trade
 * healthy    its key works, and all that entries need is known
 * limited    its key works, and exits are copied; entries are denied, for the reason that its code names
 * failing    its key does not work, for the reason that its code names: it does not trade
 */
export const ACCOUNT_HEALTHS = ['unchecked', 'healthy', 'limited', 'failing'] as const;
export type AccountHealth = (typeof ACCOUNT_HEALTHS)[number];
