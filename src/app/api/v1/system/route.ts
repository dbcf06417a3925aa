import { OPERATIONS } from '@/contracts/api/operations';
import { getSystem } from '@/services/system/get-system';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getSystem, ({ context, actor }) => getSystem(context, actor)),
});
