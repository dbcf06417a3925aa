import { OPERATIONS } from '@/contracts/api/operations';
import { listInstruments } from '@/services/market-views/instruments';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listInstruments, ({ context, query }) => listInstruments(context, query)),
});
