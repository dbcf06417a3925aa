import { OPERATIONS } from '@/contracts/api/operations';
import { listKillSwitches } from '@/services/safety/list-kill-switches';
import { setKillSwitch } from '@/services/safety/set-kill-switch';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.getKillSwitches, ({ context, actor }) => listKillSwitches(context, actor)),
  POST: endpoint(OPERATIONS.setKillSwitch, ({ context, actor, body }) => setKillSwitch(context, actor, body)),
});
