import { OPERATIONS } from '@/contracts/api/operations';
import { preflightAccount } from '@/services/accounts/accounts';
import { endpoint, route } from '../../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  POST: endpoint(OPERATIONS.preflightExchangeAccount, ({ context, actor, params }) =>
    preflightAccount(context, actor, params.id),
  ),
});
