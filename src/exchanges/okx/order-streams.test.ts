import { describe, expect, it } from 'vitest';
import { Credentials, type VenueAccount } from '@/exchanges/port';
import { MeasuredVenueClock } from '@/exchanges/venue-clock';
import { VenueGuard } from '@/exchanges/venue-guard';
import { quiet } from '@/simulator/testing';
import { InstrumentCodes } from './instrument-codes';
import { OkxOrderStreams, type OrderStream } from './order-streams';

const ORDER = { symbol: 'BTC-USDT-SWAP', expiresAt: 1000 };

function account(accountId: string): VenueAccount {
  return { accountId, mode: 'simulated', credentials: new Credentials('key', 'secret', accountId) };
}

type Recorded = OrderStream & { readonly sent: string[] };

function recorder(): Recorded {
  const sent: string[] = [];
  return { sent, send: (text) => sent.push(text) > 0, renew: () => undefined };
}

async function create() {
  const read = async () => new Map([['BTC-USDT-SWAP', 10459]]);
  const codes = new InstrumentCodes(read, quiet);
  const guard = new VenueGuard({ venue: 'okx', mode: 'simulated', probe: async () => undefined, logger: quiet });
  const clock = new MeasuredVenueClock(
    async () => 0,
    (question) => guard.ask(question),
    quiet,
  );
  await clock.ready();
  const streams = new OkxOrderStreams(
    codes,
    () => guard,
    () => clock,
    5000,
  );
  codes.prepare('simulated');
  await new Promise(setImmediate);
  return { streams, guard };
}

const post = (streams: OkxOrderStreams, of: VenueAccount) =>
  streams.post(of, ORDER, (code) => `{"instIdCode":${code}}`);
const idOf = (text: string | undefined): string => (JSON.parse(text ?? '{}') as { id: string }).id;
const accepted = (id: string, ordId: string): string =>
  `{"id":"${id}","op":"order","code":"0","msg":"","data":[{"clOrdId":"","ordId":"${ordId}","sCode":"0","sMsg":""}]}`;

describe('answers to orders over streams', () => {
  it('belong to the very message that they answer, not to the order', async () => {
    const { streams } = await create();
    const one = account('one');
    const stream = recorder();
    streams.join(one, stream);
    const first = post(streams, one);
    const again = post(streams, one);
    const [firstId, againId] = stream.sent.map(idOf);
    expect(firstId).not.toBe(againId);
    streams.take(stream, accepted(againId ?? '', '2'));
    streams.take(stream, accepted(firstId ?? '', '1'));
    expect(await first).toMatchObject({ kind: 'answered', body: expect.stringContaining('"ordId":"1"') });
    expect(await again).toMatchObject({ kind: 'answered', body: expect.stringContaining('"ordId":"2"') });
    streams.close();
  });

  it('are only believed on the stream that was asked', async () => {
    const { streams } = await create();
    const [one, other] = [account('one'), account('other')];
    const [stream, foreign] = [recorder(), recorder()];
    streams.join(one, stream);
    streams.join(other, foreign);
    const answer = post(streams, one);
    expect(streams.take(foreign, accepted(idOf(stream.sent[0]), '666'))).toBe(true);
    streams.leave('one', stream);
    expect(await answer).toMatchObject({ kind: 'failed', sent: true, code: 'STREAM_LOST' });
  });

  it('that never come because a stream was closed say nothing about the venue', async () => {
    const { streams, guard } = await create();
    const stream = recorder();
    for (let index = 0; index < 20; index += 1) {
      const one = account(`account-${index}`);
      streams.join(one, stream);
      const answer = post(streams, one);
      streams.leave(one.accountId, stream);
      expect(await answer).toMatchObject({ kind: 'failed', sent: true });
    }
    expect(guard.reachable).toBe(true);
    guard.close();
  });

  it('are for other messages where they name no order', async () => {
    const { streams } = await create();
    expect(streams.take(recorder(), '{"arg":{"channel":"orders"},"data":[{"ordId":"1"}]}')).toBe(false);
    expect(
      streams.take(recorder(), '{"event":"error","code":"60012","msg":"Invalid request: {\\"op\\":\\"order\\"}"}'),
    ).toBe(false);
  });
});
