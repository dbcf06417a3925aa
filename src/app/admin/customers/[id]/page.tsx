import { CustomerPage } from '@/ui/customers/customer-page';
import { titled } from '../../../page-title';

export const generateMetadata = titled('customers');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <CustomerPage id={(await params).id} />;
}
