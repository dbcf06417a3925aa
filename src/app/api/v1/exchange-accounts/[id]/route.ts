import { OPERATIONS } from '@/contracts/api/operations';
import { deleteAccount, getAccount, updateAccount } from '@/services/accounts/accounts';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getExchangeAccount, ({ context, actor, params }) => getAccount(context, actor, params.id)),
  PATCH: endpoint(OPERATIONS.updateExchangeAccount, ({ context, actor, params, body }) =>
    updateAccount(context, actor, params.id, body),
  ),
  DELETE: endpoint(OPERATIONS.deleteExchangeAccount, ({ context, actor, params }) =>
    deleteAccount(context, actor, params.id),
  ),
});
