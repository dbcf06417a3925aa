import type { ReactNode } from 'react';
import { AdminShell } from '@/ui/shell/admin-shell';
import { requireViewer, streamCursor } from '../viewer';

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const actor = await requireViewer(['admin', 'operator']);
  return (
    <AdminShell role={actor.role} cursor={streamCursor()}>
      {children}
    </AdminShell>
  );
}
