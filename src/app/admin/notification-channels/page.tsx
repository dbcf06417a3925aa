import { ChannelsPage } from '@/ui/channels/channels-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('channels');

export default function Page() {
  return <ChannelsPage />;
}
