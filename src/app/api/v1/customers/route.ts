import { OPERATIONS } from '@/contracts/api/operations';
import { createCustomer, listCustomers } from '@/services/customers/customers';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listCustomers, ({ context, actor, query }) => listCustomers(context, actor, query)),
  POST: endpoint(OPERATIONS.createCustomer, ({ context, actor, body }) => createCustomer(context, actor, body)),
});
