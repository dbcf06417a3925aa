import { SourcesPage } from '@/ui/sources/sources-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('sources');

export default function Page() {
  return <SourcesPage />;
}
