import { OPERATIONS } from '@/contracts/api/operations';
import { createAccount, listAccounts } from '@/services/accounts/accounts';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listExchangeAccounts, ({ context, actor, query }) => listAccounts(context, actor, query)),
  POST: endpoint(OPERATIONS.createExchangeAccount, ({ context, actor, body }) => createAccount(context, actor, body)),
});
