import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { LoginPage } from '@/ui/login/login-page';
import { homeOf, viewer } from '../viewer';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('login'))('title') };
}

export default async function Page() {
  const actor = await viewer();
  if (actor !== null) redirect(homeOf(actor.role));
  return <LoginPage />;
}
