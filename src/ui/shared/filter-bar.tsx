'use client';

import { SearchOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useTranslations } from 'next-intl';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './list-table.module.css';

export function FilterBar(props: { children: ReactNode; filtered: boolean; clear: () => void }) {
  const t = useTranslations('common');
  return (
    <div className={styles.bar}>
      {props.children}
      {props.filtered ? (
        <Button type="text" onClick={props.clear}>
          {t('clearFilters')}
        </Button>
      ) : null}
    </div>
  );
}

type Option = { readonly value: string; readonly label: ReactNode };

/** One filter with a fixed choice; empty means all. */
export function ChoiceFilter(props: {
  label: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string | null) => void;
  searchable?: boolean;
  loading?: boolean;
}) {
  return (
    <Select
      allowClear
      aria-label={props.label}
      placeholder={props.label}
      value={props.value === '' ? undefined : props.value}
      options={[...props.options]}
      onChange={(value: string | undefined) => props.onChange(value ?? null)}
      loading={props.loading}
      popupMatchSelectWidth={false}
      {...(props.searchable === true ? { showSearch: { optionFilterProp: 'label' } } : {})}
    />
  );
}

const PAUSE_MS = 300;

/** Free text; asked when the typing pauses. */
export function SearchFilter(props: { label: string; value: string; onChange: (value: string | null) => void }) {
  const [text, setText] = useState(props.value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(props.value), [props.value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Input
      allowClear
      prefix={<SearchOutlined />}
      aria-label={props.label}
      placeholder={props.label}
      value={text}
      onChange={(event) => {
        const next = event.target.value;
        setText(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => props.onChange(next.trim()), PAUSE_MS);
      }}
    />
  );
}
