'use client';

import { MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined } from '@ant-design/icons';
import { Button, Drawer, Menu, type MenuProps } from 'antd';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type ReactNode, useMemo, useState } from 'react';
import type { UserRole } from '@/contracts/api/operation';
import { useMe } from '../api/me';
import { LiveProvider } from '../live/live-provider';
import { QueryProvider } from '../providers';
import { ThemedArea } from '../theme/preferences-provider';
import { KillSwitchButton, KillSwitchNotice } from './kill-switch';
import { LiveDot } from './live-dot';
import { activeHref, allowedGroups } from './navigation';
import { LanguageSwitch, ThemeSwitch } from './preference-switches';
import { SearchButton } from './search';
import styles from './shell.module.css';
import { UserMenu } from './user-menu';

type Props = { role: UserRole; cursor: string; children: ReactNode };

/** The console's frame: side navigation, header, and the connection for pushes. */
export function AdminShell({ role, cursor, children }: Props) {
  return (
    <QueryProvider>
      <LiveProvider cursor={cursor}>
        <ThemedArea compact>
          <Frame role={role}>{children}</Frame>
        </ThemedArea>
      </LiveProvider>
    </QueryProvider>
  );
}

function Frame({ role, children }: Omit<Props, 'cursor'>) {
  const t = useTranslations('shell');
  const [folded, setFolded] = useState(false);
  const [drawer, setDrawer] = useState(false);
  return (
    <div className={`${styles.frame} ${folded ? styles.folded : ''}`}>
      <header className={styles.header}>
        <Button
          className={styles.burger}
          type="text"
          icon={<MenuOutlined />}
          aria-label={t('menu')}
          onClick={() => setDrawer(true)}
        />
        <Brand href="/admin" />
        <div className={styles.spacer} />
        <SearchButton />
        <LiveDot />
        {role === 'admin' ? <KillSwitchButton /> : null}
        <LanguageSwitch />
        <ThemeSwitch />
        <UserMenu />
      </header>
      <nav className={styles.sider} aria-label={t('menu')}>
        <Navigation role={role} folded={folded} />
        <Button
          type="text"
          icon={folded ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
          aria-label={folded ? t('unfold') : t('fold')}
          onClick={() => setFolded(!folded)}
        />
      </nav>
      <main className={styles.content}>
        <div className={styles.inner}>
          <KillSwitchNotice />
          {children}
        </div>
      </main>
      <Drawer
        open={drawer}
        onClose={() => setDrawer(false)}
        placement="left"
        size={270}
        title="Slipstream"
        styles={{ body: { padding: 8 } }}
      >
        <Navigation role={role} folded={false} onChoose={() => setDrawer(false)} />
      </Drawer>
    </div>
  );
}

export function Brand({ href }: { href: string }) {
  const { data: me } = useMe();
  return (
    <>
      <Link href={href} className={styles.brand}>
        {/* biome-ignore lint/performance/noImgElement: a small vector needs no image service */}
        <img src="/logo.svg" alt="" />
        <span className={styles.brandName}>Slipstream</span>
      </Link>
      {me === undefined ? null : <span className={styles.tenant}>{me.tenant.name}</span>}
    </>
  );
}

function Navigation({ role, folded, onChoose }: { role: UserRole; folded: boolean; onChoose?: () => void }) {
  const t = useTranslations('nav');
  const path = usePathname();
  const groups = useMemo(() => allowedGroups(role), [role]);
  const active = activeHref(
    path,
    groups.flatMap((group) => group.items.map((item) => item.href)),
  );
  const items: MenuProps['items'] = groups.flatMap((group): NonNullable<MenuProps['items']> => {
    const links = group.items.map(({ key, href, icon }) => ({
      key: href,
      icon,
      label: (
        <Link href={href} onClick={onChoose}>
          {t(key)}
        </Link>
      ),
    }));
    if (group.key === null || folded) return links;
    return [{ key: group.key, type: 'group' as const, label: t(`groups.${group.key}`), children: links }];
  });
  return <Menu mode="inline" inlineCollapsed={folded} items={items} selectedKeys={active === null ? [] : [active]} />;
}
