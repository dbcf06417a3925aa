import { CustomersPage } from '@/ui/customers/customers-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('customers');

export default function Page() {
  return <CustomersPage />;
}
