import { OPERATIONS } from '@/contracts/api/operations';
import { listSignals } from '@/services/copying-views/signals';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listSignals, ({ context, actor, query }) => listSignals(context, actor, query)),
});
