import { SignalsPage } from '@/ui/signals/signals-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('signals');

export default function Page() {
  return <SignalsPage />;
}
