import { OPERATIONS } from '@/contracts/api/operations';
import { deleteChannel, getChannel, updateChannel } from '@/services/notifications/channels';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getNotificationChannel, ({ context, actor, params }) =>
    getChannel(context, actor, params.id),
  ),
  PATCH: endpoint(OPERATIONS.updateNotificationChannel, ({ context, actor, params, body }) =>
    updateChannel(context, actor, params.id, body),
  ),
  DELETE: endpoint(OPERATIONS.deleteNotificationChannel, ({ context, actor, params }) =>
    deleteChannel(context, actor, params.id),
  ),
});
