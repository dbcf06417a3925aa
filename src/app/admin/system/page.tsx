import { SystemPage } from '@/ui/system/system-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('system');

export default function Page() {
  return <SystemPage />;
}
