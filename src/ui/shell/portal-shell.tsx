'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { LiveProvider } from '../live/live-provider';
import { TradingStops } from '../portal/trading-stops';
import { QueryProvider } from '../providers';
import { Brand } from './admin-shell';
import { LiveDot } from './live-dot';
import { activeHref, PORTAL_NAVIGATION } from './navigation';
import { LanguageSwitch, ThemeSwitch } from './preference-switches';
import styles from './shell.module.css';
import { UserMenu } from './user-menu';

/** The portal's frame: links on top, or at the thumb on a phone. */
export function PortalShell({ cursor, children }: { cursor: string; children: ReactNode }) {
  return (
    <QueryProvider>
      <LiveProvider cursor={cursor}>
        <div className={`${styles.frame} ${styles.plain} ${styles.hasBottomBar}`}>
          <header className={styles.header}>
            <Brand href="/portal" />
            <nav className={styles.portalNav}>
              <Links />
            </nav>
            <div className={styles.spacer} />
            <LiveDot />
            <LanguageSwitch />
            <ThemeSwitch />
            <UserMenu />
          </header>
          <main className={styles.content}>
            <div className={styles.calm}>
              <TradingStops />
              {children}
            </div>
          </main>
          <nav className={styles.bottomBar}>
            <Links icons />
          </nav>
        </div>
      </LiveProvider>
    </QueryProvider>
  );
}

function Links({ icons = false }: { icons?: boolean }) {
  const t = useTranslations('nav');
  const active = activeHref(
    usePathname(),
    PORTAL_NAVIGATION.map(({ href }) => href),
  );
  return PORTAL_NAVIGATION.map(({ key, href, icon }) => (
    <Link key={href} href={href} aria-current={href === active ? 'page' : undefined}>
      {icons ? icon : null}
      {t(key)}
    </Link>
  ));
}
