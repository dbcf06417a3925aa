import { JOBS } from '@/contracts/jobs';
import type { RealtimeMessage } from '@/contracts/realtime';
import { readEnvironment } from '@/platform/env';
import { createEventPublisher } from '@/platform/event-stream';
import { newId } from '@/platform/ids';
import { createJobProducer } from '@/platform/queue';
import { InstrumentCatalogue } from '../pricing/instrument-catalogue';
import { webServices } from '../web-services';
import { type IngestDeps, ingestDeps } from './ingest';

const PLACE = Symbol.for('slipstream.ingest-services');
type Holder = { [PLACE]?: IngestDeps };

/** What ingest stands on in the web process; made once, beside `webServices`. */
export function ingestServices(): IngestDeps {
  const holder = globalThis as Holder;
  holder[PLACE] ??= create();
  return holder[PLACE];
}

function create(): IngestDeps {
  const { database, cipher, logger } = webServices();
  const { REDIS_URL: redisUrl, REDIS_PREFIX: prefix } = readEnvironment();
  const jobs = createJobProducer('copy-signal', JOBS['copy-signal'], { redisUrl, prefix, logger });
  const events = createEventPublisher<RealtimeMessage>(redisUrl, prefix, logger);
  return ingestDeps({
    database,
    cipher,
    logger,
    instruments: new InstrumentCatalogue(database.system),
    // A job id of its own: a repeated id would be swallowed while the first job still runs.
    enqueue: (signalId, tenantId) => jobs.enqueue({ signalId, tenantId, ours: false }, newId()),
    publish: (messages) => events.publish(messages),
  });
}
