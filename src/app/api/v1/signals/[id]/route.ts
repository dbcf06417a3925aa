import { OPERATIONS } from '@/contracts/api/operations';
import { getSignal } from '@/services/copying-views/signals';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getSignal, ({ context, actor, params }) => getSignal(context, actor, params.id)),
});
