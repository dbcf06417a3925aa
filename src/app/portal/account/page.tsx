import { AccountPage } from '@/ui/portal/account-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('account');

export default function Page() {
  return <AccountPage />;
}
