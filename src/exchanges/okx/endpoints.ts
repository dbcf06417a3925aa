import type { VenueEndpoints } from '@/exchanges/port';

type Endpoints = NonNullable<VenueEndpoints['live']>;

/** OKX's demo trading: real market, play money. Same REST host as live; the `x-simulated-trading` header tells them apart. */
export const OKX_DEMO_ENDPOINTS: Endpoints = {
  rest: 'https://www.okx.com',
  wsPublic: 'wss://wspap.okx.com:8443/ws/v5/public',
  wsPrivate: 'wss://wspap.okx.com:8443/ws/v5/private',
  wsBusiness: 'wss://wspap.okx.com:8443/ws/v5/business',
};

/**
 * OKX with real funds, by the region the customers registered in: a key "does not exist" on another region's host.
 * https://www.okx.com/docs-v5/en/#overview-production-trading-services
 */
export const OKX_LIVE_ENDPOINTS = {
  global: live('www.okx.com', 'ws.okx.com'),
  eea: live('eea.okx.com', 'wseea.okx.com'),
  us: live('us.okx.com', 'wsus.okx.com'),
} as const satisfies Record<string, Endpoints>;

function live(rest: string, ws: string): Endpoints {
  return {
    rest: `https://${rest}`,
    wsPublic: `wss://${ws}:8443/ws/v5/public`,
    wsPrivate: `wss://${ws}:8443/ws/v5/private`,
    wsBusiness: `wss://${ws}:8443/ws/v5/business`,
  };
}

/** Endpoints of a server that speaks OKX's protocol at another address, such as the simulator. Both are origins. */
export function okxEndpointsAt(rest: string, ws: string): Endpoints {
  const restOrigin = withoutTrailingSlash(rest);
  const wsOrigin = withoutTrailingSlash(ws);
  return {
    rest: restOrigin,
    wsPublic: `${wsOrigin}/ws/v5/public`,
    wsPrivate: `${wsOrigin}/ws/v5/private`,
    wsBusiness: `${wsOrigin}/ws/v5/business`,
  };
}

function withoutTrailingSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
