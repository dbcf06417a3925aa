import { OPERATIONS } from '@/contracts/api/operations';
import { getMe, updateMe } from '@/services/identity/me';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getMe, ({ context, actor }) => getMe(context, actor)),
  PATCH: endpoint(OPERATIONS.updateMe, ({ context, actor, body }) => updateMe(context, actor, body)),
});
