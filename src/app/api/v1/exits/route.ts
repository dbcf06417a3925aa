import { OPERATIONS } from '@/contracts/api/operations';
import { listExits } from '@/services/exits/list-exits';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listExits, ({ context, actor, query }) => listExits(context, actor, query)),
});
