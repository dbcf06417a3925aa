import { PositionsPage } from '@/ui/positions/positions-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('positions');

export default function Page() {
  return <PositionsPage portal />;
}
