'use client';

import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import styles from './short-id.module.css';

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useTranslations('common');
  const [copied, setCopied] = useState(false);
  const title = copied ? t('copied') : (label ?? t('copy'));
  const copy = async () => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <Tooltip title={title}>
      <Button
        type="text"
        size="small"
        icon={copied ? <CheckOutlined /> : <CopyOutlined />}
        aria-label={title}
        onClick={(event) => {
          event.stopPropagation();
          void copy();
        }}
      />
    </Tooltip>
  );
}

/** The tail of an id, where time-ordered ids differ; the whole in the tooltip and on the clipboard. */
export function ShortId({ id }: { id: string }) {
  return (
    <span className={styles.id}>
      <span className="mono" title={id}>
        …{id.slice(-8)}
      </span>
      <CopyButton text={id} />
    </span>
  );
}

/** A long text to be copied: an address, a command, a key that is shown once. */
export function CopyBox({ text, multiline = false }: { text: string; multiline?: boolean }) {
  return (
    <div className={styles.box}>
      {multiline ? <pre className="mono">{text}</pre> : <code className="mono">{text}</code>}
      <CopyButton text={text} />
    </div>
  );
}
