import { OPERATIONS } from '@/contracts/api/operations';
import { listReceipts } from '@/services/copying-views/receipts';
import { endpoint, route } from '../../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listReceipts, ({ context, actor, params, query, locale }) =>
    listReceipts(context, actor, params.id, query, locale),
  ),
});
