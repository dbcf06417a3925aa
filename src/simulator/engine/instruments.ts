import { type Dec, dec } from '@/domain/decimal';

/** A linear USDT-margined perpetual swap; sizes are in contracts. */
export interface Instrument {
  readonly instId: string;
  readonly instFamily: string;
  readonly baseCcy: string;
  /** The venue's number of the instrument. */
  readonly code: number;
  /** Base currency per contract. */
  readonly ctVal: Dec;
  readonly lotSz: Dec;
  readonly tickSz: Dec;
  readonly maxMktSz: Dec;
  readonly maxLmtSz: Dec;
  readonly maxLever: number;
  /** Maintenance margin rate of the (only) tier. */
  readonly mmr: Dec;
  /** Half width of the price band for limit orders, as a share of the mark price. */
  readonly priceBand: Dec;
  readonly startPrice: string;
  /** Epoch ms. */
  readonly listTime: number;
}

interface Specification {
  readonly base: string;
  readonly code: number;
  readonly ctVal: string;
  readonly lot: string;
  readonly tick: string;
  readonly maxMarket: string;
  readonly lever: number;
  readonly mmr: string;
  readonly band: string;
  readonly start: string;
  readonly listTime: string;
}

const SPECIFICATIONS: readonly Specification[] = [
  {
    base: 'BTC',
    code: 10459,
    ctVal: '0.01',
    lot: '0.01',
    tick: '0.1',
    maxMarket: '12000',
    lever: 100,
    mmr: '0.004',
    band: '0.02',
    start: '100000',
    listTime: '1573557408000',
  },
  {
    base: 'ETH',
    code: 10461,
    ctVal: '0.1',
    lot: '0.01',
    tick: '0.01',
    maxMarket: '20000',
    lever: 100,
    mmr: '0.004',
    band: '0.02',
    start: '4000',
    listTime: '1573557408000',
  },
  {
    base: 'SOL',
    code: 10507,
    ctVal: '1',
    lot: '0.01',
    tick: '0.01',
    maxMarket: '15000',
    lever: 50,
    mmr: '0.0065',
    band: '0.05',
    start: '200',
    listTime: '1611916828000',
  },
  {
    base: 'XRP',
    code: 10475,
    ctVal: '100',
    lot: '0.01',
    tick: '0.0001',
    maxMarket: '12000',
    lever: 50,
    mmr: '0.0065',
    band: '0.05',
    start: '2.5',
    listTime: '1573557408000',
  },
  {
    base: 'DOGE',
    code: 10498,
    ctVal: '1000',
    lot: '0.01',
    tick: '0.00001',
    maxMarket: '12000',
    lever: 50,
    mmr: '0.0065',
    band: '0.05',
    start: '0.2',
    listTime: '1611916828000',
  },
];

const MAX_LIMIT = '100000000';

function build(spec: Specification): Instrument {
  const family = `${spec.base}-USDT`;
  const instId = `${family}-SWAP`;
  return {
    instId,
    instFamily: family,
    baseCcy: spec.base,
    code: spec.code,
    ctVal: dec(spec.ctVal),
    lotSz: dec(spec.lot),
    tickSz: dec(spec.tick),
    maxMktSz: dec(spec.maxMarket),
    maxLmtSz: dec(MAX_LIMIT),
    maxLever: spec.lever,
    mmr: dec(spec.mmr),
    priceBand: dec(spec.band),
    startPrice: spec.start,
    listTime: Number(spec.listTime),
  };
}

export const INSTRUMENTS: readonly Instrument[] = SPECIFICATIONS.map(build);

const BY_ID = new Map(INSTRUMENTS.map((instrument) => [instrument.instId, instrument]));

export function findInstrument(instId: string): Instrument | undefined {
  return BY_ID.get(instId);
}
