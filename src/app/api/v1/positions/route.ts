import { OPERATIONS } from '@/contracts/api/operations';
import { listPositions } from '@/services/copying-views/positions';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listPositions, ({ context, actor, query }) => listPositions(context, actor, query)),
});
