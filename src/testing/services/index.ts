export { makeCertificates, type TestCertificates } from './certificates';
export { type RunningDemo, startDemo } from './demo';
export { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from './test-database';
export { type TestRedis, testRedis } from './test-redis';
