import { FollowPage } from '@/ui/portal/strategies-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('follow');

export default function Page() {
  return <FollowPage />;
}
