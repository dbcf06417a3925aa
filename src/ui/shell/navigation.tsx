import {
  ApiOutlined,
  AuditOutlined,
  BankOutlined,
  BellOutlined,
  ClusterOutlined,
  DashboardOutlined,
  InboxOutlined,
  KeyOutlined,
  LinkOutlined,
  NodeIndexOutlined,
  PieChartOutlined,
  StarOutlined,
  SwapOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import type { UserRole } from '@/contracts/api/operation';
import type { Messages } from '../messages';

export type NavigationKey = Exclude<keyof Messages['nav'], 'groups'>;
export type NavigationItem = {
  readonly key: NavigationKey;
  readonly href: string;
  readonly icon: ReactNode;
  readonly adminsOnly?: boolean;
};
export type NavigationGroup = {
  readonly key: keyof Messages['nav']['groups'] | null;
  readonly items: readonly NavigationItem[];
};

export const ADMIN_NAVIGATION: readonly NavigationGroup[] = [
  { key: null, items: [{ key: 'dashboard', href: '/admin', icon: <DashboardOutlined /> }] },
  {
    key: 'copying',
    items: [
      { key: 'signals', href: '/admin/signals', icon: <ThunderboltOutlined /> },
      { key: 'strategies', href: '/admin/strategies', icon: <StarOutlined /> },
      { key: 'sources', href: '/admin/signal-sources', icon: <ApiOutlined /> },
      { key: 'subscriptions', href: '/admin/subscriptions', icon: <LinkOutlined /> },
      { key: 'rejected', href: '/admin/rejected-messages', icon: <WarningOutlined /> },
    ],
  },
  {
    key: 'people',
    items: [
      { key: 'customers', href: '/admin/customers', icon: <TeamOutlined /> },
      { key: 'accounts', href: '/admin/accounts', icon: <BankOutlined /> },
    ],
  },
  {
    key: 'trading',
    items: [
      { key: 'positions', href: '/admin/positions', icon: <PieChartOutlined /> },
      { key: 'trades', href: '/admin/trades', icon: <SwapOutlined /> },
    ],
  },
  {
    key: 'system',
    items: [
      { key: 'system', href: '/admin/system', icon: <ClusterOutlined /> },
      { key: 'channels', href: '/admin/notification-channels', icon: <BellOutlined /> },
      { key: 'tokens', href: '/admin/api-tokens', icon: <KeyOutlined />, adminsOnly: true },
      { key: 'audit', href: '/admin/audit-log', icon: <AuditOutlined />, adminsOnly: true },
    ],
  },
];

export const PORTAL_NAVIGATION: readonly NavigationItem[] = [
  { key: 'overview', href: '/portal', icon: <InboxOutlined /> },
  { key: 'account', href: '/portal/account', icon: <BankOutlined /> },
  { key: 'follow', href: '/portal/strategies', icon: <NodeIndexOutlined /> },
  { key: 'positions', href: '/portal/positions', icon: <PieChartOutlined /> },
  { key: 'trades', href: '/portal/trades', icon: <SwapOutlined /> },
];

export function allowedGroups(role: UserRole): readonly NavigationGroup[] {
  return ADMIN_NAVIGATION.map((group) => ({
    ...group,
    items: group.items.filter((item) => item.adminsOnly !== true || role === 'admin'),
  }));
}

/** The entry whose page `path` belongs to: the longest address that it begins with. */
export function activeHref(path: string, hrefs: readonly string[]): string | null {
  const fitting = hrefs.filter((href) => path === href || path.startsWith(`${href}/`));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}
