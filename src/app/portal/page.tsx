import { OverviewPage } from '@/ui/portal/overview-page';
import { titled } from '../page-title';

export const generateMetadata = titled('overview');

export default function Page() {
  return <OverviewPage />;
}
