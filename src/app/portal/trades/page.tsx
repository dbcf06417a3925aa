import { TradesPage } from '@/ui/trades/trades-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('trades');

export default function Page() {
  return <TradesPage portal />;
}
