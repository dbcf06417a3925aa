import { OPERATIONS } from '@/contracts/api/operations';
import { revokeApiToken } from '@/services/identity/api-tokens';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  DELETE: endpoint(OPERATIONS.revokeApiToken, ({ context, actor, params }) =>
    revokeApiToken(context, actor, params.id),
  ),
});
