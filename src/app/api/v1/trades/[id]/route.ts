import { OPERATIONS } from '@/contracts/api/operations';
import { getTrade } from '@/services/copying-views/trades';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getTrade, ({ context, actor, params, locale }) =>
    getTrade(context, actor, params.id, locale),
  ),
});
