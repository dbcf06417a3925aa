import { INSTRUMENTS, type Instrument } from '../engine/instruments';
import type { Quote } from '../engine/market';

const BY_CODE = new Map(INSTRUMENTS.map((instrument) => [instrument.code, instrument]));

/** WebSocket order operations name instruments by number. */
export function findInstrumentByCode(code: number): Instrument | undefined {
  return BY_CODE.get(code);
}

/** The row of public/instruments. */
export function instrumentRow({ instrument, state, endsAt }: Quote): Record<string, unknown> {
  const maxLimit = instrument.maxLmtSz.toFixed();
  const maxMarket = instrument.maxMktSz.toFixed();
  const lot = instrument.lotSz.toFixed();
  const listTime = String(instrument.listTime);
  return {
    alias: '',
    auctionEndTime: '',
    baseCcy: '',
    category: '1',
    contTdSwTime: listTime,
    ctMult: '1',
    ctType: 'linear',
    ctVal: instrument.ctVal.toFixed(),
    ctValCcy: instrument.baseCcy,
    expTime: endsAt === null ? '' : String(endsAt),
    futureSettlement: false,
    groupId: '1',
    instCategory: '1',
    instFamily: instrument.instFamily,
    instId: instrument.instId,
    instIdCode: instrument.code,
    instType: 'SWAP',
    lever: String(instrument.maxLever),
    listTime: listTime,
    lotSz: lot,
    maxIcebergSz: maxLimit,
    maxLmtAmt: '20000000',
    maxLmtSz: maxLimit,
    maxMktAmt: '',
    maxMktSz: maxMarket,
    maxPlatOILmt: '',
    maxStopSz: maxMarket,
    maxTriggerSz: maxLimit,
    maxTwapSz: maxLimit,
    minSz: lot,
    openType: '',
    optType: '',
    posLmtAmt: '',
    posLmtPct: '',
    preMktSwTime: '',
    quoteCcy: '',
    ruleType: 'normal',
    settleCcy: 'USDT',
    state,
    stk: '',
    tickSz: instrument.tickSz.toFixed(),
    tradeQuoteCcyList: [],
    uly: instrument.instFamily,
    upcChg: [],
  };
}
