/** The folders of src and what each may import of the others, itself apart. Tests may import anything. */
const LAYERS = {
  domain: [],
  contracts: ['domain'],
  platform: ['domain'],
  exchanges: ['domain', 'platform'],
  services: ['domain', 'contracts', 'platform', 'exchanges/port', 'exchanges/registry'],
  realtime: ['contracts', 'platform'],
  ui: ['contracts', 'domain'],
  app: ['services', 'contracts', 'ui', 'platform', 'domain'],
  // Webhooks are answered before Next sees them.
  processes: [
    'domain',
    'contracts',
    'platform',
    'exchanges',
    'services',
    'realtime',
    'simulator',
    'app/api/webhooks/listener',
  ],
  // A program of its own, so that it cannot share our mistakes about a venue.
  simulator: ['domain', 'platform'],
};

/**
 * Inside the simulator: the market and its accounts know no wire, so that another one can speak for them; and no wire
 * knows the commands that stage its troubles.
 */
const SIMULATOR = {
  engine: [],
  faults: ['engine'],
  okx: ['engine', 'faults'],
  dingtalk: ['engine'],
  control: ['engine', 'faults', 'okx', 'dingtalk'],
};

/** Tests, the suite that every venue's test runs, and what the simulator's tests share. */
const TESTS = '(\\.test\\.tsx?|/contract-suite\\.ts|^src/(simulator|exchanges/okx)/testing\\.ts)$';
const GENERATED = '^src/platform/database/generated/';

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `layer-${layer}`,
  comment: `src/${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other folder of src'}`,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: TESTS },
  to: {
    path: '^src/',
    pathNot: [layer, ...allowed].map((folder) => `^src/${folder}(/|\\.tsx?$)`),
  },
}));

const simulatorRules = Object.entries(SIMULATOR).map(([part, allowed]) => ({
  name: `simulator-${part}`,
  comment: `src/simulator/${part} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other folder of the simulator'}`,
  severity: 'error',
  from: { path: `^src/simulator/${part}/`, pathNot: TESTS },
  to: { path: '^src/simulator/', pathNot: [part, ...allowed].map((folder) => `^src/simulator/${folder}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    ...simulatorRules,
    {
      name: 'no-circular',
      severity: 'error',
      from: { pathNot: GENERATED },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that is no entry point is left over.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          TESTS,
          '\\.d\\.ts$',
          '^src/(processes|app)/',
          '^src/proxy\\.ts$',
          '^scripts/[^/]+\\.(mjs|ts)$',
          GENERATED,
        ],
      },
      to: {},
    },
    {
      name: 'no-tests-in-production',
      comment: 'Only tests may import tests and what is made for tests.',
      severity: 'error',
      from: {
        path: '^(src|scripts)/',
        pathNot: [TESTS, '^src/testing/', '^scripts/(test|storm|burst|crash-points|bench)/'],
      },
      to: { path: [TESTS, '^src/testing/'] },
    },
    {
      name: 'no-scripts-in-production',
      severity: 'error',
      from: { path: '^src/', pathNot: [TESTS, '^src/testing/', '^src/exchanges/contract-suite\\.ts$'] },
      to: { path: '^scripts/' },
    },
    {
      name: 'client-safe',
      comment: 'domain and contracts also run in the browser: decimal.js and zod are all they need.',
      severity: 'error',
      from: { path: '^src/(domain|contracts)/', pathNot: TESTS },
      to: {
        dependencyTypesNot: ['local', 'aliased', 'type-only'],
        pathNot: '^(src/|node_modules/(decimal\\.js|zod)/)',
      },
    },
    {
      name: 'no-server-in-ui',
      comment: 'ui is sent to the browser.',
      severity: 'error',
      from: { path: '^src/ui/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-undeclared',
      comment: 'What is imported stands in package.json.',
      severity: 'error',
      from: { path: '^(src|scripts)/', pathNot: GENERATED },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'no-development-packages',
      comment: 'The image has no development packages.',
      severity: 'error',
      from: { path: '^src/', pathNot: [TESTS, '^src/testing/', '^src/exchanges/contract-suite\\.ts$'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { pathNot: GENERATED },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', GENERATED] },
    exclude: { path: '^(\\.next|\\.data)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
