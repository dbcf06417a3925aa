import { DashboardPage } from '@/ui/dashboard/dashboard-page';
import { titled } from '../page-title';

export const generateMetadata = titled('dashboard');

export default function Page() {
  return <DashboardPage />;
}
