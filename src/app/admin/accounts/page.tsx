import { AccountsPage } from '@/ui/accounts/accounts-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('accounts');

export default function Page() {
  return <AccountsPage />;
}
