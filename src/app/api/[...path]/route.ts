import { AppError } from '@/contracts/envelope';
import { newId } from '@/platform/ids';
import { failureResponse } from '../_http/failure';

/** Every address below /api that no other route has. */
async function nothing(): Promise<Response> {
  return failureResponse(new AppError('NOT_FOUND', 'There is nothing at this address'), newId());
}

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
