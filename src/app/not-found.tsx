import { NotFoundPage } from '@/ui/shell/not-found-page';

export default function NotFound() {
  return <NotFoundPage />;
}
