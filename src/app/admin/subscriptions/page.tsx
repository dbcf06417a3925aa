import { SubscriptionsPage } from '@/ui/subscriptions/subscriptions-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('subscriptions');

export default function Page() {
  return <SubscriptionsPage />;
}
