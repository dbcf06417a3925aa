import { OPERATIONS } from '@/contracts/api/operations';
import { openApiDocument } from '@/contracts/openapi';
import { webServices } from '@/services/web-services';

/** The API's own description, for clients and code generators. Public: it holds nothing of any tenant. */
export async function GET(): Promise<Response> {
  const server = new URL('/api/v1', webServices().environment.NEXTAUTH_URL).href;
  return Response.json(openApiDocument(OPERATIONS, server));
}
