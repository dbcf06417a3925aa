import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@/platform/clock';
import { newId } from '@/platform/ids';
import { createOutbound, type Outbound } from '@/platform/outbound';
import { Stage, type StageFollower, type StageWorker } from '@/testing/copying/stage';
import { type DingTalkRobot, startDingTalkRobot } from '@/testing/dingtalk-robot';
import { claimSignal, findClaimable } from '../copying/claim';
import { rejectSignal } from '../copying/finish';
import { EXECUTION_TIMINGS } from '../execution/timings';
import { sealChannelConfig } from './channel-config';
import { createDingTalkSender } from './dingtalk/sender';
import { createOutboxSender, type OutboxSender } from './outbox-sender';
import { pageLinks } from './page-links';

describe('a copied signal', () => {
  let stage: Stage;
  let worker: StageWorker;
  let outbound: Outbound;
  let sender: OutboxSender;
  let tenants: DingTalkRobot;
  let filled: DingTalkRobot;
  let denied: DingTalkRobot;
  let followers: readonly StageFollower[];

  beforeAll(async () => {
    stage = await Stage.open();
    followers = await stage.addFollowers([{ followRatio: '0.1' }, { followRatio: '0.000001' }]);
    worker = await stage.worker();
    outbound = createOutbound({ hosts: [], allowPrivate: true });
    sender = createOutboxSender({
      database: stage.database,
      cipher: stage.cipher,
      senders: [createDingTalkSender(outbound)],
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      links: pageLinks('http://pages.test'),
    });
    tenants = await addRobot(null, 'en');
    filled = await addRobot(followers[0]?.customerId ?? null, 'zh');
    denied = await addRobot(followers[1]?.customerId ?? null, 'en');
  });
  afterAll(async () => {
    await Promise.all([tenants, filled, denied].map((robot) => robot.close()));
    await outbound.close();
    await stage.close();
  });

  async function addRobot(customerId: string | null, locale: string): Promise<DingTalkRobot> {
    const robot = await startDingTalkRobot({ token: newId(), secret: `SEC${newId()}` });
    const tenant = await stage.database.system.tenant.findUniqueOrThrow({ where: { id: stage.tenantId } });
    const id = newId();
    const configSealed = sealChannelConfig(stage.cipher.forTenant(tenant), id, robot);
    await stage.database.system.notificationChannel.create({
      data: { id, tenantId: stage.tenantId, customerId, kind: 'dingtalk', name: 'Group', locale, configSealed },
    });
    return robot;
  }

  const open = { action: 'open', side: 'long', quantity: { unit: 'base', value: '1' }, id: 'the-signal' };

  it('is told to the operators in sum and to each customer in his own figures', async () => {
    const signalId = await stage.send(open);
    await worker.copy(signalId);
    await sender.runOnce();

    expect(tenants.messages).toHaveLength(1);
    expect(tenants.messages[0]?.text).toContain('BTC-USDT-SWAP open long');
    expect(tenants.messages[0]?.text).toContain('Followers: filled **1/2** · not copied 1');
    expect(tenants.messages[0]?.text).toContain("Reasons: below the venue's minimum ×1");
    expect(tenants.messages[0]?.text).toContain(`](http://pages.test/admin/signals/${signalId})`);
    const time = String.raw`[\d.]+ m?s`;
    expect(tenants.messages[0]?.text).toMatch(
      new RegExp(`Timing: first order ${time} · last acknowledged ${time} · last filled`),
    );

    const [trade] = await stage.db.trade.findMany({ where: { signalId, status: 'filled' } });
    const average = trade?.filledValue.div(trade.filledQuantity.times('0.01')).toFixed() ?? '';
    expect(filled.messages).toHaveLength(1);
    expect(filled.messages[0]?.text).toContain('**开多** 0.1 BTC @ ');
    expect(filled.messages[0]?.text.replaceAll(',', '')).toContain(`@ ${average} · 10 倍 · 手续费 `);
    expect(filled.messages[0]?.text).toContain('Strategy / Account');

    expect(denied.messages).toHaveLength(1);
    expect(denied.messages[0]?.text).toContain("is under OKX's minimum 0.0001");
  });

  it('is not told again when it is sent again', async () => {
    const signalId = await stage.send(open);
    await worker.copy(signalId);
    await sender.runOnce();
    expect([tenants, filled, denied].map((robot) => robot.messages.length)).toEqual([1, 1, 1]);
  });

  it('tells the operators alone of a signal that is copied to nobody', async () => {
    const signalId = await stage.send({ ...open, id: 'the-next' });
    const signal = await findClaimable(stage.database.statements, signalId);
    if (signal === null) throw new Error('no signal');
    const claim = await claimSignal(stage.database.statements, signal, 'worker', EXECUTION_TIMINGS);
    if (claim === null) throw new Error('the signal was not free');
    expect(await rejectSignal(stage.database.forTenant(stage.tenantId), claim, 'PRICE_UNKNOWN')).toBe(true);
    await sender.runOnce();
    expect([tenants, filled, denied].map((robot) => robot.messages.length)).toEqual([2, 1, 1]);
    expect(tenants.messages[1]?.text).toContain('- Not copied: price unknown');
  });
});
