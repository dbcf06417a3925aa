import pino, { type Logger } from 'pino';

export type { Logger };

/** Fields that must never reach a log, wherever they stand in an object. */
const SECRET_FIELDS = ['apiKey', 'secret', 'passphrase', 'password', 'token', 'authorization', 'cookie', 'credentials'];

/** JSON lines on standard output; `name` is the process or the capability. */
export function createLogger(name: string, level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
  });
}
