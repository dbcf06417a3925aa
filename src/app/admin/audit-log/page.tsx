import { AuditPage } from '@/ui/audit/audit-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('audit');

export default function Page() {
  return <AuditPage />;
}
