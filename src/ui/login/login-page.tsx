'use client';

import { LockOutlined, MailOutlined } from '@ant-design/icons';
import { Alert, Button, Form, Input } from 'antd';
import { useSearchParams } from 'next/navigation';
import { signIn } from 'next-auth/react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../shell/preference-switches';
import styles from './login.module.css';

type Fields = { email: string; password: string };
type Failure = 'wrong' | 'throttled' | 'unreachable';

/** Only a path of our own: an address from outside must not lead away. */
function ownPath(text: string | null): string {
  return text !== null && /^\/(?![/\\])/.test(text) ? text : '/';
}

export function LoginPage() {
  const t = useTranslations('login');
  const next = ownPath(useSearchParams().get('callbackUrl'));
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async ({ email, password }: Fields) => {
    setBusy(true);
    setFailure(null);
    try {
      const answer = await signIn('credentials', { email, password, redirect: false });
      if (answer?.ok === true && !answer.error) {
        // A full load, so that the pages are rendered for who is logged in now.
        window.location.assign(next);
        return;
      }
      setFailure(answer?.status === 429 ? 'throttled' : answer?.status === 401 ? 'wrong' : 'unreachable');
    } catch {
      setFailure('unreachable');
    }
    setBusy(false);
  };

  return (
    <div className={styles.page}>
      <div className={styles.controls}>
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <section className={styles.story} aria-hidden="true">
        <Streams />
        <h2>{t('promise')}</h2>
        <p>{t('promiseText')}</p>
      </section>
      <main className={styles.form}>
        <div className={styles.box}>
          <div className={styles.brand}>
            {/* biome-ignore lint/performance/noImgElement: a small vector needs no image service */}
            <img src="/logo.svg" alt="" width={36} height={36} />
            Slipstream
          </div>
          <h1>{t('title')}</h1>
          {failure === null ? null : (
            <Alert
              className={styles.alert}
              type="error"
              showIcon
              title={t(failure)}
              description={t(`${failure}Hint`)}
            />
          )}
          <Form<Fields> layout="vertical" requiredMark={false} onFinish={submit} size="large" disabled={busy}>
            <Form.Item
              name="email"
              label={t('email')}
              rules={[{ required: true, type: 'email', message: t('emailNeeded') }]}
            >
              <Input prefix={<MailOutlined />} autoComplete="username" autoFocus inputMode="email" />
            </Form.Item>
            <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('passwordNeeded') }]}>
              <Input.Password prefix={<LockOutlined />} autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" block loading={busy}>
              {t('submit')}
            </Button>
          </Form>
        </div>
      </main>
    </div>
  );
}

/** One line in front, many in its wake. */
function Streams() {
  const lines = Array.from({ length: 11 }, (_, n) => n - 5);
  return (
    <svg viewBox="0 0 420 220" className={styles.streams} role="presentation">
      {lines.map((n) => {
        const end = 372 - Math.abs(n) * 26;
        const y = 110 + n * 17;
        const start = 18 + ((n * 37 + 200) % 60);
        return (
          <g key={n} opacity={1 - Math.abs(n) * 0.13}>
            <path
              d={`M${start} ${y}H${end}`}
              stroke="currentColor"
              strokeWidth={n === 0 ? 4 : 2}
              strokeLinecap="round"
            />
            <path
              d={`M${end - 8} ${y - 7}l9 7-9 7`}
              fill="none"
              stroke="currentColor"
              strokeWidth={n === 0 ? 4 : 2}
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </g>
        );
      })}
    </svg>
  );
}
