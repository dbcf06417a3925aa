import { theme as antdTheme, type ThemeConfig } from 'antd';
import type { Theme } from './preferences';

/** System fonts first; the CJK ones by name, so that Chinese is never drawn by a fallback with Japanese shapes. */
const FONT =
  "'Latin punctuation', -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', system-ui, sans-serif";

const SHARED = { borderRadius: 6, fontFamily: FONT, wireframe: false } as const;

const LIGHT = {
  colorPrimary: '#3b5bdb',
  colorInfo: '#3b5bdb',
  colorSuccess: '#0b7a4b',
  colorWarning: '#b7690a',
  colorError: '#c92a3a',
  colorBgLayout: '#f4f5f8',
  colorText: '#171a21',
  colorTextSecondary: '#535b6a',
  colorTextTertiary: '#69717f',
  colorTextDescription: '#606877',
  colorTextPlaceholder: '#8a92a0',
  colorBorder: '#d5d9e0',
  colorBorderSecondary: '#e6e8ed',
} as const;

const DARK = {
  colorPrimary: '#6d8bff',
  colorInfo: '#6d8bff',
  colorSuccess: '#35b980',
  colorWarning: '#e0a030',
  colorError: '#f1656f',
  colorBgBase: '#0d1016',
  colorBgLayout: '#0d1016',
  colorBgContainer: '#151920',
  colorBgElevated: '#1c212b',
  colorText: '#e7eaf0',
  colorTextSecondary: '#a7afbd',
  colorTextTertiary: '#8d96a6',
  colorTextDescription: '#98a1b0',
  colorTextPlaceholder: '#6d7686',
  colorBorder: '#333a47',
  colorBorderSecondary: '#252b36',
} as const;

/** One accent colour, one radius; the console is compact, the portal is not. */
export function themeConfig(theme: Theme, compact: boolean): ThemeConfig {
  const dark = theme === 'dark';
  const algorithm = [dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm];
  const container = dark ? DARK.colorBgContainer : '#ffffff';
  return {
    cssVar: { key: 'slipstream' },
    hashed: false,
    algorithm: compact ? [...algorithm, antdTheme.compactAlgorithm] : algorithm,
    token: {
      ...SHARED,
      ...(dark ? DARK : LIGHT),
      // The compact algorithm makes text two and controls four pixels smaller than these.
      ...(compact ? { fontSize: 15, controlHeight: 34 } : { fontSize: 14 }),
    },
    components: {
      Layout: { headerBg: container, siderBg: container, bodyBg: dark ? DARK.colorBgLayout : LIGHT.colorBgLayout },
      Menu: {
        itemBg: 'transparent',
        subMenuItemBg: 'transparent',
        activeBarBorderWidth: 0,
        itemBorderRadius: 6,
        itemSelectedBg: dark ? '#1c2440' : '#edf1ff',
        itemSelectedColor: dark ? '#a9bbff' : LIGHT.colorPrimary,
      },
      // A white label on the lighter accent of the dark theme would be too faint.
      Button: { primaryShadow: 'none', ...(dark ? { primaryColor: '#0b1020' } : {}) },
      Table: { headerSplitColor: 'transparent', headerBg: 'transparent', cellPaddingInlineSM: 12 },
      Card: { headerFontSize: compact ? 14 : 15 },
    },
  };
}
