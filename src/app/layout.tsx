import { AntdRegistry } from '@ant-design/nextjs-registry';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import { NextIntlClientProvider } from 'next-intl';
import { getLocale } from 'next-intl/server';
import type { ReactNode } from 'react';
import '@/ui/styles/global.css';
import { THEME_COOKIE, TREND_COOKIE, themeOf, trendOf } from '@/ui/theme/preferences';
import { PreferencesProvider } from '@/ui/theme/preferences-provider';

export const metadata: Metadata = {
  title: { default: 'Slipstream', template: '%s · Slipstream' },
  icons: { icon: '/favicon.svg' },
  robots: { index: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  const theme = themeOf(jar.get(THEME_COOKIE)?.value);
  const trend = trendOf(jar.get(TREND_COOKIE)?.value);
  const locale = await getLocale();
  return (
    <html lang={locale === 'zh' ? 'zh-CN' : 'en'} data-theme={theme} data-trend={trend}>
      <body>
        <NextIntlClientProvider>
          <AntdRegistry>
            <PreferencesProvider initialTheme={theme} initialTrend={trend}>
              {children}
            </PreferencesProvider>
          </AntdRegistry>
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
