import type { z } from 'zod';
import type { Page } from '@/contracts/api/common';
import type { rejectedMessageQuerySchema, rejectedMessageSchema } from '@/contracts/api/copying';
import type { Actor } from '../identity/actor';
import { encodeCursor, timeCursor, toPage } from '../paging';
import { timeText } from '../view-fields';
import type { WebContext } from '../web-context';

/** Newest first. */
export async function listRejectedMessages(
  { database }: Pick<WebContext, 'database'>,
  actor: Actor,
  query: z.output<typeof rejectedMessageQuerySchema>,
): Promise<Page<z.output<typeof rejectedMessageSchema>>> {
  const after = timeCursor(query.cursor);
  const rows = await database.forTenant(actor.tenantId).rejectedMessage.findMany({
    where: {
      sourceId: query.sourceId,
      ...(after === null
        ? {}
        : {
            receivedAt: { lte: after.at },
            OR: [{ receivedAt: { lt: after.at } }, { receivedAt: after.at, id: { lt: after.id } }],
          }),
    },
    orderBy: [{ receivedAt: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
  });
  return toPage(
    rows,
    query.limit,
    ({ id, sourceId, code, message, field, contentType, rawBody, receivedAt }) => ({
      id,
      sourceId,
      code,
      message,
      field,
      contentType,
      rawBody,
      receivedAt: timeText(receivedAt),
    }),
    (row) => encodeCursor(row.receivedAt.getTime(), row.id),
  );
}
