import { describe, expect, it } from 'vitest';
import {
  advanceCircuit,
  type Circuit,
  type CircuitEvent,
  type CircuitLimits,
  type Contact,
  closedCircuit,
} from './circuit-breaker';

const LIMITS: CircuitLimits = { failures: 3, within: 1000, firstPause: 100, longestPause: 300 };

const request = (at: number, contact: Contact, spell = 0): CircuitEvent => ({ kind: 'request', contact, spell, at });
const sent = (at: number): CircuitEvent => ({ kind: 'probe_sent', at });
const probe = (at: number, contact: Contact): CircuitEvent => ({ kind: 'probe', contact, at });

function play(...events: readonly CircuitEvent[]): Circuit {
  return events.reduce((circuit, event) => advanceCircuit(circuit, event, LIMITS), closedCircuit(0));
}

const GONE = [request(10, 'connect'), request(20, 'timeout'), request(30, 'connection_lost')] as const;

describe('the circuit', () => {
  it.each<[string, readonly CircuitEvent[], Partial<Circuit>]>([
    ['is closed at first', [], { state: 'closed', since: 0, failures: 0, nextProbeAt: null }],
    ['counts failures', [request(10, 'timeout')], { state: 'closed', failures: 1, lastFailure: 'timeout' }],
    [
      'opens when so many came in a row',
      GONE,
      { state: 'open', since: 30, spell: 1, failures: 3, lastFailure: 'connection_lost', nextProbeAt: 130 },
    ],
    [
      'begins again after an answer',
      [request(10, 'timeout'), request(20, 'timeout'), request(30, 'answered'), request(40, 'timeout')],
      { state: 'closed', failures: 1, failingSince: 40 },
    ],
    [
      'begins again when the row became too long',
      [request(10, 'timeout'), request(900, 'timeout'), request(1011, 'timeout')],
      { state: 'closed', failures: 1, failingSince: 1011 },
    ],
    [
      'opens where the row lasted just as long as allowed',
      [request(10, 'timeout'), request(900, 'timeout'), request(1010, 'timeout')],
      { state: 'open' },
    ],
    ['is half open while a probe is on its way', [...GONE, sent(130)], { state: 'half_open', since: 30 }],
    [
      'closes when the probe is answered',
      [...GONE, sent(130), probe(140, 'answered')],
      { state: 'closed', since: 140, spell: 2, failures: 0, nextProbeAt: null, lastFailure: 'connection_lost' },
    ],
    [
      'opens again when the probe fails, for twice as long',
      [...GONE, sent(130), probe(140, 'timeout')],
      { state: 'open', since: 30, spell: 1, failures: 4, lastFailure: 'timeout', nextProbeAt: 340 },
    ],
    [
      'makes no pause longer than the longest',
      [...GONE, sent(130), probe(140, 'timeout'), sent(340), probe(350, 'timeout'), sent(650), probe(660, 'timeout')],
      { state: 'open', nextProbeAt: 960 },
    ],
    ['is not closed by an answer that was under way', [...GONE, request(40, 'answered', 0)], { state: 'open' }],
    [
      'is not opened by failures of the spell before',
      [
        ...[...GONE, sent(130), probe(140, 'answered')],
        ...[request(150, 'timeout', 0), request(151, 'timeout', 0), request(152, 'timeout', 0)],
      ],
      { state: 'closed', failures: 0 },
    ],
    [
      'pauses longer when it opens again before a request was answered',
      [
        ...[...GONE, sent(130), probe(140, 'answered')],
        ...[request(150, 'timeout', 2), request(151, 'timeout', 2), request(152, 'timeout', 2)],
      ],
      { state: 'open', spell: 3, nextProbeAt: 352 },
    ],
    [
      'pauses shortly again once a request was answered',
      [
        ...[...GONE, sent(130), probe(140, 'answered'), request(145, 'answered', 2)],
        ...[request(150, 'timeout', 2), request(151, 'timeout', 2), request(152, 'timeout', 2)],
      ],
      { state: 'open', nextProbeAt: 252 },
    ],
    ['takes no probe that it did not ask for', [probe(10, 'timeout'), sent(20)], { state: 'closed', failures: 0 }],
  ])('%s', (_name, events, expected) => {
    expect(play(...events)).toMatchObject(expected);
  });

  it('stays the same object while all is well', () => {
    const circuit = closedCircuit(0);
    expect(advanceCircuit(circuit, request(10, 'answered'), LIMITS)).toBe(circuit);
  });
});
