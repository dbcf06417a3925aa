import { OPERATIONS } from '@/contracts/api/operations';
import { listTradingStops } from '@/services/safety/list-trading-stops';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listTradingStops, ({ context, actor }) => listTradingStops(context, actor)),
});
