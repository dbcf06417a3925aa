import { OPERATIONS } from '@/contracts/api/operations';
import { createSource, listSources } from '@/services/sources/sources';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listSignalSources, ({ context, actor, query }) => listSources(context, actor, query)),
  POST: endpoint(OPERATIONS.createSignalSource, ({ context, actor, body }) => createSource(context, actor, body)),
});
