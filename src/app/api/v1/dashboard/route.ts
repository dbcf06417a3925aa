import { OPERATIONS } from '@/contracts/api/operations';
import { getDashboard } from '@/services/copying-views/dashboard';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getDashboard, ({ context, actor, query }) => getDashboard(context, actor, query)),
});
