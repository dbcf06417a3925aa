/** simulated: the project's own simulator · demo: the venue's demo trading · live: real funds. */
export const ACCOUNT_MODES = ['simulated', 'demo', 'live'] as const;
export type AccountMode = (typeof ACCOUNT_MODES)[number];
