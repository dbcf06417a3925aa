import type { Links } from './message/render';

/** Addresses of the pages that messages lead to. `publicUrl` is where browsers find the service. */
export function pageLinks(publicUrl: string): (reader: 'tenant' | 'customer') => Links {
  const at = (path: string): string => new URL(path, publicUrl).href;
  return (reader) =>
    reader === 'tenant'
      ? { signal: (id) => at(`/admin/signals/${id}`), account: () => at('/admin/accounts') }
      : { signal: (id) => at(`/portal/trades?signalId=${id}`), account: () => at('/portal/account') };
}
