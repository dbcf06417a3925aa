'use client';

import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useLocale } from 'next-intl';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { speak } from '../api/client';
import { LOCALE_COOKIE, type Locale } from '../i18n/locales';
import { THEME_COOKIE, type Theme, TREND_COOKIE, type Trend } from './preferences';
import { themeConfig } from './tokens';

type Preferences = {
  readonly theme: Theme;
  readonly trend: Trend;
  readonly setTheme: (theme: Theme) => void;
  readonly setTrend: (trend: Trend) => void;
  readonly setLocale: (locale: Locale) => void;
};

const PreferencesContext = createContext<Preferences | null>(null);

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (preferences === null) throw new Error('usePreferences needs a PreferencesProvider above it');
  return preferences;
}

function remember(name: string, value: string): void {
  const secure = window.location.protocol === 'https:' ? '; secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we support
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** Theme, colours of up and down, and language, for everything below it. */
export function PreferencesProvider(props: { initialTheme: Theme; initialTrend: Trend; children: ReactNode }) {
  const locale = useLocale();
  const [theme, applyTheme] = useState(props.initialTheme);
  const [trend, applyTrend] = useState(props.initialTrend);
  speak(locale);

  const setTheme = useCallback((next: Theme) => {
    remember(THEME_COOKIE, next);
    document.documentElement.dataset.theme = next;
    applyTheme(next);
  }, []);
  const setTrend = useCallback((next: Trend) => {
    remember(TREND_COOKIE, next);
    document.documentElement.dataset.trend = next;
    applyTrend(next);
  }, []);
  // Sentences of the API come in the language too, so everything is fetched again.
  const setLocale = useCallback((next: Locale) => {
    remember(LOCALE_COOKIE, next);
    window.location.reload();
  }, []);

  const value = useMemo(
    () => ({ theme, trend, setTheme, setTrend, setLocale }),
    [theme, trend, setTheme, setTrend, setLocale],
  );
  return (
    <PreferencesContext.Provider value={value}>
      <ThemedArea compact={false}>
        <App component={false}>{props.children}</App>
      </ThemedArea>
    </PreferencesContext.Provider>
  );
}

/** The theme's tokens for everything below; compact in the console. */
export function ThemedArea({ compact, children }: { compact: boolean; children: ReactNode }) {
  const { theme } = usePreferences();
  const locale = useLocale();
  const config = useMemo(() => themeConfig(theme, compact), [theme, compact]);
  return (
    <ConfigProvider
      theme={config}
      locale={locale === 'zh' ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      componentSize={compact ? 'middle' : undefined}
    >
      {children}
    </ConfigProvider>
  );
}
