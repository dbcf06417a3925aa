import { OPERATIONS } from '@/contracts/api/operations';
import { getCustomer, updateCustomer } from '@/services/customers/customers';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getCustomer, ({ context, actor, params }) => getCustomer(context, actor, params.id)),
  PATCH: endpoint(OPERATIONS.updateCustomer, ({ context, actor, params, body }) =>
    updateCustomer(context, actor, params.id, body),
  ),
});
