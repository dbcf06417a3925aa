'use client';

import { GlobalOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Dropdown, Tooltip } from 'antd';
import { useLocale, useTranslations } from 'next-intl';
import { usePreferences } from '../theme/preferences-provider';

const LANGUAGES = [
  { key: 'zh', label: '中文' },
  { key: 'en', label: 'English' },
] as const;

export function LanguageSwitch() {
  const t = useTranslations('shell');
  const locale = useLocale();
  const { setLocale } = usePreferences();
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectedKeys: [locale],
        items: LANGUAGES.map(({ key, label }) => ({ key, label, onClick: () => setLocale(key) })),
      }}
    >
      <Tooltip title={t('language')}>
        <Button type="text" icon={<GlobalOutlined />} aria-label={t('language')} />
      </Tooltip>
    </Dropdown>
  );
}

export function ThemeSwitch() {
  const t = useTranslations('shell');
  const { theme, setTheme } = usePreferences();
  const label = theme === 'dark' ? t('toLight') : t('toDark');
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        icon={theme === 'dark' ? <SunOutlined /> : <MoonOutlined />}
        aria-label={label}
        onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
      />
    </Tooltip>
  );
}
