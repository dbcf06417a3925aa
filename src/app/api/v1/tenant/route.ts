import { OPERATIONS } from '@/contracts/api/operations';
import { getTenant, updateTenant } from '@/services/identity/me';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getTenant, ({ context, actor }) => getTenant(context, actor)),
  PATCH: endpoint(OPERATIONS.updateTenant, ({ context, actor, body }) => updateTenant(context, actor, body)),
});
