'use client';

import { CheckOutlined, LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Dropdown, type MenuProps } from 'antd';
import { signOut } from 'next-auth/react';
import { useTranslations } from 'next-intl';
import { useMe } from '../api/me';
import { TRENDS } from '../theme/preferences';
import { usePreferences } from '../theme/preferences-provider';

export function UserMenu() {
  const t = useTranslations('shell');
  const { trend, setTrend } = usePreferences();
  const { data: me } = useMe();
  const items: MenuProps['items'] = [
    ...(me === undefined
      ? []
      : [
          {
            key: 'who',
            type: 'group' as const,
            label: (
              <>
                <div style={{ color: 'var(--text)' }}>{me.actor.name}</div>
                <div className="small">{t(`roles.${me.actor.role}`)}</div>
              </>
            ),
          },
          { type: 'divider' as const },
        ]),
    {
      key: 'trend',
      type: 'group',
      label: t('colours'),
      children: TRENDS.map((key) => ({
        key,
        label: t(`trend.${key}`),
        icon: <CheckOutlined style={{ visibility: trend === key ? 'visible' : 'hidden' }} />,
        onClick: () => setTrend(key),
      })),
    },
    { type: 'divider' },
    {
      key: 'leave',
      icon: <LogoutOutlined />,
      label: t('logOut'),
      onClick: () => void signOut({ callbackUrl: '/login' }),
    },
  ];
  return (
    <Dropdown trigger={['click']} menu={{ items }} placement="bottomRight">
      <Button type="text" icon={<UserOutlined />} aria-label={t('userMenu')} />
    </Dropdown>
  );
}
