import { StrategiesPage } from '@/ui/strategies/strategies-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('strategies');

export default function Page() {
  return <StrategiesPage />;
}
