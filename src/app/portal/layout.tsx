import type { ReactNode } from 'react';
import { PortalShell } from '@/ui/shell/portal-shell';
import { requireViewer, streamCursor } from '../viewer';

export default async function PortalLayout({ children }: { children: ReactNode }) {
  await requireViewer(['customer']);
  return <PortalShell cursor={streamCursor()}>{children}</PortalShell>;
}
