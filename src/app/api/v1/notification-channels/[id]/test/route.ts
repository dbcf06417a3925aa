import { OPERATIONS } from '@/contracts/api/operations';
import { testChannel } from '@/services/notifications/channels';
import { endpoint, route } from '../../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  POST: endpoint(OPERATIONS.testNotificationChannel, ({ context, actor, params }) =>
    testChannel(context, actor, params.id),
  ),
});
