import { OPERATIONS } from '@/contracts/api/operations';
import { listRejectedMessages } from '@/services/copying-views/rejected-messages';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listRejectedMessages, ({ context, actor, query }) =>
    listRejectedMessages(context, actor, query),
  ),
});
