import { OPERATIONS } from '@/contracts/api/operations';
import { getSource, updateSource } from '@/services/sources/sources';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getSignalSource, ({ context, actor, params }) => getSource(context, actor, params.id)),
  PATCH: endpoint(OPERATIONS.updateSignalSource, ({ context, actor, params, body }) =>
    updateSource(context, actor, params.id, body),
  ),
});
