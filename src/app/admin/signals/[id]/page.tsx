import { SignalPage } from '@/ui/signals/signal-page';
import { titled } from '../../../page-title';

export const generateMetadata = titled('signals');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <SignalPage id={(await params).id} />;
}
