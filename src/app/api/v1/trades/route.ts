import { OPERATIONS } from '@/contracts/api/operations';
import { listTrades } from '@/services/copying-views/trades';
import { tradesCsv } from '@/services/copying-views/trades-csv';
import { endpoint, route } from '../../_http/endpoint';

export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: endpoint(OPERATIONS.listTrades, async ({ context, actor, query, locale, request }) => {
    const page = await listTrades(context, actor, query, locale);
    const csv = query.format === 'csv' || (request.headers.get('accept') ?? '').startsWith('text/csv');
    return csv ? tradesCsv(page) : page;
  }),
});
