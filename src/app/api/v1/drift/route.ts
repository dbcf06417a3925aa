import { OPERATIONS } from '@/contracts/api/operations';
import { listDrift } from '@/services/reconciliation/list-drift';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listDrift, ({ context, actor, query }) => listDrift(context, actor, query)),
});
