import { OPERATIONS } from '@/contracts/api/operations';
import { createSubscription, listSubscriptions } from '@/services/subscriptions/subscriptions';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listSubscriptions, ({ context, actor, query }) => listSubscriptions(context, actor, query)),
  POST: endpoint(OPERATIONS.createSubscription, ({ context, actor, body }) => createSubscription(context, actor, body)),
});
