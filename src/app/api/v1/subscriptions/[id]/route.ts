import { OPERATIONS } from '@/contracts/api/operations';
import { getSubscription, updateSubscription } from '@/services/subscriptions/subscriptions';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getSubscription, ({ context, actor, params }) => getSubscription(context, actor, params.id)),
  PATCH: endpoint(OPERATIONS.updateSubscription, ({ context, actor, params, body }) =>
    updateSubscription(context, actor, params.id, body),
  ),
});
