import { OPERATIONS } from '@/contracts/api/operations';
import { getStrategy, updateStrategy } from '@/services/strategies/strategies';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getStrategy, ({ context, actor, params }) => getStrategy(context, actor, params.id)),
  PATCH: endpoint(OPERATIONS.updateStrategy, ({ context, actor, params, body }) =>
    updateStrategy(context, actor, params.id, body),
  ),
});
