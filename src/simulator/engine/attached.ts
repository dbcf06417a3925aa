import {
  type Account,
  type AlgoOrder,
  type AlgoState,
  type AttachedAlgo,
  type Order,
  opposite,
  type Position,
} from './model';
import type { Venue } from './venue';

/** Makes the take-profit and stop-loss orders of a completely filled parent. */
export function activateAttached(venue: Venue, account: Account, parent: Order): void {
  for (const attached of parent.attached) addAlgo(venue, account, fromAttachment(venue, parent, attached));
}

function fromAttachment(venue: Venue, parent: Order, attached: AttachedAlgo): AlgoOrder {
  const now = venue.clock.now();
  const both = attached.tpTriggerPx !== '' && attached.slTriggerPx !== '';
  return {
    uid: parent.uid,
    algoId: attached.attachAlgoId,
    algoClOrdId: attached.attachAlgoClOrdId,
    instId: parent.instId,
    ordType: both ? 'oco' : 'conditional',
    side: opposite(parent.side),
    posSide: parent.posSide,
    tdMode: parent.tdMode,
    reduceOnly: true,
    sz: attached.sz || parent.accFillSz.toFixed(),
    closeFraction: '',
    tag: parent.tag,
    tpTriggerPx: attached.tpTriggerPx,
    tpTriggerPxType: attached.tpTriggerPxType,
    tpOrdPx: attached.tpOrdPx,
    slTriggerPx: attached.slTriggerPx,
    slTriggerPxType: attached.slTriggerPxType,
    slOrdPx: attached.slOrdPx,
    triggerPx: '',
    triggerPxType: '',
    ordPx: '',
    callbackRatio: '',
    callbackSpread: '',
    activePx: '',
    extremePx: '',
    moveTriggerPx: '',
    state: 'live',
    actualSide: '',
    actualSz: '0',
    actualPx: '',
    ordId: '',
    refusal: '',
    parentOrdId: parent.ordId,
    cxlOnClosePos: false,
    lever: parent.lever,
    cTime: now,
    uTime: now,
    triggerTime: null,
  };
}

export function addAlgo(venue: Venue, account: Account, algo: AlgoOrder): void {
  account.algos.set(algo.algoId, algo);
  account.liveAlgos.set(algo.algoId, algo);
  venue.accounts.touchAlgo(algo);
  venue.events.algo(account, algo);
}

/** Moves an algo order to a final state and tells the streams. */
export function endAlgo(venue: Venue, account: Account, algo: AlgoOrder, state: Exclude<AlgoState, 'live'>): void {
  algo.state = state;
  algo.uTime = venue.clock.now();
  account.liveAlgos.delete(algo.algoId);
  venue.accounts.touchAlgo(algo);
  venue.events.algo(account, algo);
}

/** When a position is gone, the orders that would have closed it go too. */
export function cancelAttachedOf(venue: Venue, account: Account, position: Position): void {
  for (const algo of [...account.liveAlgos.values()]) {
    if (algo.instId !== position.instId || algo.posSide !== position.posSide || algo.tdMode !== position.mgnMode)
      continue;
    if (algo.parentOrdId !== '' || algo.closeFraction !== '' || algo.cxlOnClosePos)
      endAlgo(venue, account, algo, 'canceled');
  }
}
