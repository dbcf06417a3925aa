import { RestClient } from 'okx-api';
import type { z } from 'zod';
import { type Credentials, VenueError } from '@/exchanges/port';
import { toVenueError } from './errors';
import { signMessage } from './sign';

/** The SDK wants a secret to be there; ours stays with the credentials and is asked for at each signature. */
const HELD_ELSEWHERE = 'held by the credentials';

export type RestClientOptions = {
  readonly origin: string;
  readonly requestTimeoutMs: number;
  /** Adds the header of demo trading. */
  readonly simulatedTrading: boolean;
};

/** An okx-api client at this origin; without credentials for public questions only. */
export function createRestClient(options: RestClientOptions, credentials: Credentials | null): RestClient {
  const key = credentials?.reveal();
  return new RestClient(
    {
      baseUrl: options.origin,
      demoTrading: options.simulatedTrading,
      // Its own parser forgets the status, which tells a page of a proxy that is busy from one whose venue is gone.
      parse_exceptions: false,
      ...(credentials && key
        ? {
            apiKey: key.apiKey,
            apiSecret: HELD_ELSEWHERE,
            apiPass: key.passphrase,
            customSignMessageFn: async (message: string) => signMessage(credentials.reveal().secret, message),
          }
        : {}),
    },
    { timeout: options.requestTimeoutMs, proxy: false, maxRedirects: 0 },
  );
}

/** Runs one question of the SDK and reads its rows. Throws VenueError for every failure, a surprising payload included. */
export async function queryRows<Row>(question: () => Promise<unknown>, schema: z.ZodType<Row>): Promise<Row[]> {
  let rows: unknown;
  try {
    rows = await question();
  } catch (thrown) {
    throw toVenueError(thrown);
  }
  const parsed = schema.array().safeParse(rows);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue ? `${issue.path.join('.')}: ${issue.message}` : 'unknown place';
    throw new VenueError('MALFORMED', `The venue's answer is not as documented (${where})`, 'unavailable');
  }
  return parsed.data;
}

/** The first row, or VenueError where there is none. */
export function firstRow<Row>(rows: readonly Row[]): Row {
  const row = rows[0];
  if (row === undefined) throw new VenueError('MALFORMED', 'The venue answered without a row', 'unavailable');
  return row;
}
