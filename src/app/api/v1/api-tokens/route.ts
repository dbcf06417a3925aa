import { OPERATIONS } from '@/contracts/api/operations';
import { createApiToken, listApiTokens } from '@/services/identity/api-tokens';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listApiTokens, ({ context, actor, query }) => listApiTokens(context, actor, query)),
  POST: endpoint(OPERATIONS.createApiToken, ({ context, actor, body }) => createApiToken(context, actor, body)),
});
