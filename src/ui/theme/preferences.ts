/** What a reader chose for this browser; kept in cookies so that the first byte of a page already looks right. */
export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const THEME_COOKIE = 'slipstream-theme';

/** Which colour means "up": green in most of the world, red in China. */
export const TRENDS = ['green-up', 'red-up'] as const;
export type Trend = (typeof TRENDS)[number];
export const TREND_COOKIE = 'slipstream-trend';

export function themeOf(value: string | undefined): Theme {
  return THEMES.find((theme) => theme === value) ?? 'light';
}

export function trendOf(value: string | undefined): Trend {
  return TRENDS.find((trend) => trend === value) ?? 'green-up';
}
