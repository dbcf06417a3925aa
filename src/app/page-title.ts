import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import type { NavigationKey } from '@/ui/shell/navigation';

/** `generateMetadata` of a page: its name in the navigation. */
export function titled(key: NavigationKey): () => Promise<Metadata> {
  return async () => ({ title: (await getTranslations('nav'))(key) });
}
