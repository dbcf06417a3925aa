'use client';

import { FailurePage } from '@/ui/shell/failure-page';

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return <FailurePage retry={reset} />;
}
