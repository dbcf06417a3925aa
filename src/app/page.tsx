import { redirect } from 'next/navigation';
import { homeOf, viewer } from './viewer';

export default async function HomePage() {
  const actor = await viewer();
  redirect(actor === null ? '/login' : homeOf(actor.role));
}
