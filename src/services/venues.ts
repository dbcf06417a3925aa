import type { AccountMode } from '@/domain/account-mode';
import type { VenueEndpoints } from '@/exchanges/port';
import {
  createVenues,
  OKX_DEMO_ENDPOINTS,
  OKX_LIVE_ENDPOINTS,
  okxEndpointsAt,
  type Venues,
} from '@/exchanges/registry';
import type { Environment } from '@/platform/env';
import type { Logger } from '@/platform/log';

/** One request to a venue, ms. */
const REQUEST_TIMEOUT = 5000;

type Settings = Pick<
  Environment,
  | 'SIMULATOR_REST_URL'
  | 'SIMULATOR_WS_URL'
  | 'LIVE_TRADING'
  | 'ORDER_TRANSPORT'
  | 'PLACEMENT_CONNECTIONS'
  | 'ORDER_TAG'
  | 'OKX_REGION'
>;

/** Where OKX is reached in each mode: the simulator where there is one, live only where the operator allows it. */
export function okxEndpoints(settings: Settings): VenueEndpoints {
  const { SIMULATOR_REST_URL: rest, SIMULATOR_WS_URL: ws } = settings;
  return {
    simulated: rest === undefined || ws === undefined ? null : okxEndpointsAt(rest, ws),
    demo: OKX_DEMO_ENDPOINTS,
    live: settings.LIVE_TRADING ? OKX_LIVE_ENDPOINTS[settings.OKX_REGION] : null,
  };
}

/** Whose instruments stand for the venue: real ones where real funds are traded, else the simulator's, else demo trading's. */
export function listingMode(settings: Pick<Settings, 'LIVE_TRADING' | 'SIMULATOR_REST_URL'>): AccountMode {
  if (settings.LIVE_TRADING) return 'live';
  return settings.SIMULATOR_REST_URL === undefined ? 'demo' : 'simulated';
}

/** The venues as this installation is set up. Opens nothing by itself. */
export function installedVenues(settings: Settings, logger: Logger): Venues {
  return createVenues(
    {
      okx: {
        endpoints: okxEndpoints(settings),
        orderTransport: settings.ORDER_TRANSPORT,
        placementConnections: settings.PLACEMENT_CONNECTIONS,
        requestTimeoutMs: REQUEST_TIMEOUT,
        // OKX allows three connections a second from one address; the simulator takes what it gets.
        wsConnectsPerSecond: { simulated: 100, demo: 3, live: 3 },
        tag: settings.ORDER_TAG,
      },
    },
    logger,
  );
}
