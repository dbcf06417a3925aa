/**
 * How Node runs a signal-worker, whoever starts it (docker-compose.yml and k8s say the same). Thousands of orders on their way are
 * younger than the small space that Node begins with holds: it would copy each of them several times to make room. A signal needs 20 to
 * 25 kB a follower until its last answer. MB.
 */
export const WORKER_FLAGS: readonly string[] = ['--min-semi-space-size=128', '--max-semi-space-size=128'];
