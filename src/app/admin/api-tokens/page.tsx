import { TokensPage } from '@/ui/tokens/tokens-page';
import { titled } from '../../page-title';

export const generateMetadata = titled('tokens');

export default function Page() {
  return <TokensPage />;
}
