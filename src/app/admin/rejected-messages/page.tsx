import { RejectedPage } from '@/ui/rejected/rejected-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('rejected');

export default function Page() {
  return <RejectedPage />;
}
