import { OPERATIONS } from '@/contracts/api/operations';
import { getOverview } from '@/services/copying-views/overview';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getOverview, ({ context, actor, query, locale }) =>
    getOverview(context, actor, query, locale),
  ),
});
