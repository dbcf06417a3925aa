import { OPERATIONS } from '@/contracts/api/operations';
import { getCandles } from '@/services/market-views/candles';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getCandles, ({ context, query }) => getCandles(context, query)),
});
