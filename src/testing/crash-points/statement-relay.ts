import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** MySQL's commands that carry a statement's text: a query, and the preparation of one. */
const TEXT_COMMANDS: ReadonlySet<number> = new Set([0x03, 0x16]);
const HEADER = 4;

export interface StatementRelay {
  /** The database's address with the relay's port. */
  readonly url: string;
  /** Every statement that went through, in the order of their coming. */
  readonly statements: readonly string[];
  close(): Promise<void>;
}

/** Stands between a client and MySQL and writes down what the client says, without knowing anything of the client. */
export async function relayStatements(databaseUrl: string): Promise<StatementRelay> {
  const target = new URL(databaseUrl);
  const statements: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const hear = statementReader((statement) => statements.push(statement));
    client.on('data', hear);
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    statements,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes the client's bytes apart: packets of a three-byte length, a number (0 begins a command), and the payload. */
function statementReader(tell: (statement: string) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER) {
      const length = pending.readUIntLE(0, 3);
      if (pending.length < HEADER + length) return;
      const begins = pending.readUInt8(3) === 0;
      const payload = pending.subarray(HEADER, HEADER + length);
      pending = pending.subarray(HEADER + length);
      if (begins && length > 0 && TEXT_COMMANDS.has(payload.readUInt8(0))) tell(payload.subarray(1).toString('utf8'));
    }
  };
}
