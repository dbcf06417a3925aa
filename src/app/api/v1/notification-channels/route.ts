import { OPERATIONS } from '@/contracts/api/operations';
import { createChannel, listChannels } from '@/services/notifications/channels';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listNotificationChannels, ({ context, actor, query }) =>
    listChannels(context, actor, query),
  ),
  POST: endpoint(OPERATIONS.createNotificationChannel, ({ context, actor, body }) =>
    createChannel(context, actor, body),
  ),
});
