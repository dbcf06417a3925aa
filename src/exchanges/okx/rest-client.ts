import { RestClient } from 'okx-api';
import type { z } from 'zod';
import { type Credentials, VENUE_UNREACHABLE, type VenueClock, VenueError } from '@/exchanges/port';
import { toVenueError } from './errors';
import { isoTimestamp, signMessage } from './sign';

/** The SDK wants a secret to be there; ours stays with the credentials and is asked for at each signature. */
const HELD_ELSEWHERE = 'held by the credentials';

export type RestClientOptions = {
  readonly origin: string;
  readonly requestTimeoutMs: number;
  /** Adds the header of demo trading. */
  readonly simulatedTrading: boolean;
};

/** Whose questions a client asks; `clock` says when they are signed. */
export type Signer = { readonly credentials: Credentials; readonly clock: VenueClock };

/** The SDK begins the text that is to be signed with a timestamp of its own, by the machine's clock. */
const SDK_TIMESTAMP = new Date(0).toISOString().length;
/** Stands between our timestamp and its signature on their way through the SDK. */
const SEPARATOR = ' ';

/** An okx-api client at this origin; without a signer for public questions only. */
export function createRestClient(options: RestClientOptions, signer: Signer | null): RestClient {
  const key = signer?.credentials.reveal();
  return new RestClient(
    {
      baseUrl: options.origin,
      demoTrading: options.simulatedTrading,
      // Its own parser forgets the status, which tells a page of a proxy that is busy from one whose venue is gone.
      parse_exceptions: false,
      ...(signer && key
        ? {
            apiKey: key.apiKey,
            apiSecret: HELD_ELSEWHERE,
            apiPass: key.passphrase,
            customSignMessageFn: (message: string) => stampAndSign(signer, message.slice(SDK_TIMESTAMP)),
          }
        : {}),
    },
    {
      timeout: options.requestTimeoutMs,
      proxy: false,
      maxRedirects: 0,
      ...(signer === null ? {} : { transformRequest: [unpackStamp] }),
    },
  );
}

/** The timestamp by the venue's clock and the signature over it, in one text. */
async function stampAndSign({ credentials, clock }: Signer, message: string): Promise<string> {
  if (!(await clock.ready())) {
    throw new VenueError(VENUE_UNREACHABLE, 'The venue has not told its time yet', 'unavailable');
  }
  const timestamp = isoTimestamp(clock.now() ?? 0);
  return timestamp + SEPARATOR + signMessage(credentials.reveal().secret, timestamp + message);
}

/** Of axios's, what is used here. */
type Headers = { get(name: string): unknown; set(name: string, value: string): unknown };

/** The SDK sends the timestamp that it made and offers no way to give it another one: it is put in right before the request leaves. */
function unpackStamp(data: unknown, headers: Headers): unknown {
  const [timestamp, signature] = String(headers.get('OK-ACCESS-SIGN') ?? '').split(SEPARATOR);
  if (timestamp !== undefined && signature !== undefined) {
    headers.set('OK-ACCESS-TIMESTAMP', timestamp);
    headers.set('OK-ACCESS-SIGN', signature);
  }
  return data;
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
