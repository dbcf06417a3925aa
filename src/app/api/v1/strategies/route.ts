import { OPERATIONS } from '@/contracts/api/operations';
import { createStrategy, listStrategies } from '@/services/strategies/strategies';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listStrategies, ({ context, actor, query }) => listStrategies(context, actor, query)),
  POST: endpoint(OPERATIONS.createStrategy, ({ context, actor, body }) => createStrategy(context, actor, body)),
});
