import { OPERATIONS } from '@/contracts/api/operations';
import { verifyAuditLog } from '@/services/audit/audit-log';
import { endpoint, route } from '../../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.verifyAuditLog, ({ context, actor }) => verifyAuditLog(context, actor)),
});
