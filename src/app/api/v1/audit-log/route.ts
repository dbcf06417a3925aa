import { OPERATIONS } from '@/contracts/api/operations';
import { listAuditLog } from '@/services/audit/audit-log';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listAuditLog, ({ context, actor, query }) => listAuditLog(context, actor, query)),
});
