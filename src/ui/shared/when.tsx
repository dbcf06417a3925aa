'use client';

import { Tooltip } from 'antd';
import { useLocale, useTranslations } from 'next-intl';
import { useCallback, useMemo } from 'react';
import { useNow } from '../live/now';

const HOUR_MS = 3_600_000;

/** "12 s ago" of a moment, epoch ms. */
export function useAge(): (at: number, now: number) => string {
  const t = useTranslations('common.age');
  return useCallback(
    (at, now) => {
      const seconds = Math.max(0, Math.round((now - at) / 1000));
      if (seconds < 5) return t('now');
      if (seconds < 60) return t('seconds', { count: seconds });
      return t('minutes', { count: Math.floor(seconds / 60) });
    },
    [t],
  );
}

function useFormats() {
  const locale = useLocale();
  return useMemo(() => {
    const language = locale === 'zh' ? 'zh-CN' : 'en-GB';
    const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;
    return {
      sameYear: new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', ...clock }),
      anyYear: new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric', ...clock }),
      exact: new Intl.DateTimeFormat(language, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        ...clock,
        fractionalSecondDigits: 3,
        timeZoneName: 'longOffset',
      }),
      clock: new Intl.DateTimeFormat(language, { ...clock, fractionalSecondDigits: 3 }),
      day: new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' }),
    };
  }, [locale]);
}

/** A moment on the reader's clock: relative under an hour; with milliseconds and zone in the tooltip. */
export function When({ at, absolute = false }: { at: string | null; absolute?: boolean }) {
  const formats = useFormats();
  const age = useAge();
  const now = useNow();
  if (at === null) return <span className="quiet">—</span>;
  const date = new Date(at);
  const recent = !absolute && now - date.getTime() < HOUR_MS && date.getTime() - now < 10_000;
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return (
    <Tooltip title={formats.exact.format(date)}>
      <time dateTime={at} className="nowrap">
        {recent ? age(date.getTime(), now) : (sameYear ? formats.sameYear : formats.anyYear).format(date)}
      </time>
    </Tooltip>
  );
}

/** Time of day with milliseconds, for the steps of one signal; its date and zone in the tooltip. */
export function Clock({ at }: { at: string }) {
  const formats = useFormats();
  const date = new Date(at);
  return (
    <Tooltip title={formats.exact.format(date)}>
      <time dateTime={at} className="nowrap num">
        {formats.clock.format(date)}
      </time>
    </Tooltip>
  );
}

/** "2026-05-08" → "8 May". */
export function useDayFormat(): (day: string) => string {
  const formats = useFormats();
  return useCallback((day: string) => formats.day.format(new Date(`${day}T00:00:00Z`)), [formats]);
}
