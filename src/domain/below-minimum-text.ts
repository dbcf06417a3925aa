import type { DenialContext } from './risk/codes';

/** What caps allow, after a colon. */
const CAPS_EN: Readonly<Record<string, (most: string) => string>> = {
  ORDER_CAP: (most) => `one order may use ${most} of the equity`,
  SYMBOL_EXPOSURE: (most) => `one instrument may use ${most} of the equity`,
  TOTAL_EXPOSURE: (most) => `all positions together may use ${most} of the equity`,
  INSUFFICIENT_BALANCE: () => 'too little margin is free',
  ABOVE_MAXIMUM: () => 'the venue takes less than that in one market order',
};
const CAPS_ZH: Readonly<Record<string, (most: string) => string>> = {
  ORDER_CAP: (most) => `单笔订单最多使用权益的 ${most}`,
  SYMBOL_EXPOSURE: (most) => `单品种最多使用权益的 ${most}`,
  TOTAL_EXPOSURE: (most) => `全部持仓最多使用权益的 ${most}`,
  INSUFFICIENT_BALANCE: () => '可用保证金不足',
  ABOVE_MAXIMUM: () => '交易所单笔市价单上限低于该数量',
};

function capOf(context: DenialContext, caps: typeof CAPS_EN): string | null {
  const { cap } = context;
  return cap === undefined ? null : (caps[cap]?.(context.capMaximum ?? '?') ?? null);
}

/** From when on a move like this is copied, and which cap is in the way; ends the sentence that says it was under the minimum. */
export function howToReachEnglish(context: DenialContext): string {
  const cap = capOf(context, CAPS_EN);
  const since = cap === null ? '' : `: ${cap}`;
  const money = context.settleCurrency ?? 'USDT';
  if (context.minimumBalance !== undefined) {
    return context.steady === 'no'
      ? `${context.minimumBalance} ${money} is the smallest balance that copies a move like this, and a larger one may not${since}.`
      : `from ${context.minimumBalance} ${money} a move like this is copied without skips${since}.`;
  }
  if (context.minimumRatio !== undefined) {
    return `from a follow ratio of ${context.minimumRatio} a move like this is copied without skips.`;
  }
  if (context.minimumValue !== undefined) {
    const unit = context.valueUnit === 'contracts' ? 'contracts' : money;
    return `from a size of ${context.minimumValue} ${unit} a move like this is copied without skips.`;
  }
  if (cap === null) return 'it is added to the next one.';
  const what = { ratio: 'follow ratio', value: 'size' }[context.scalesWith ?? ''];
  return what === undefined
    ? `no balance copies a move like this${since}.`
    : `no ${what} copies a move like this with this balance${since}.`;
}

export function howToReachChinese(context: DenialContext): string {
  const cap = capOf(context, CAPS_ZH);
  const since = cap === null ? '' : `（${cap}）`;
  const money = context.settleCurrency ?? 'USDT';
  if (context.minimumBalance !== undefined) {
    return context.steady === 'no'
      ? `能跟随此类操作的最小权益为 ${context.minimumBalance} ${money}，权益更大时也可能无法跟随${since}。`
      : `权益达到 ${context.minimumBalance} ${money} 时，此类操作即可完整跟随${since}。`;
  }
  if (context.minimumRatio !== undefined) return `跟单比例达到 ${context.minimumRatio} 时，此类操作即可完整跟随。`;
  if (context.minimumValue !== undefined) {
    const unit = context.valueUnit === 'contracts' ? '张' : money;
    return `每次下单数值达到 ${context.minimumValue} ${unit} 时，此类操作即可完整跟随。`;
  }
  if (cap === null) return '将计入下一笔订单。';
  const what = { ratio: '跟单比例', value: '下单数值' }[context.scalesWith ?? ''];
  return what === undefined
    ? `任何权益都无法跟随此类操作${since}。`
    : `以当前权益，任何${what}都无法跟随此类操作${since}。`;
}
