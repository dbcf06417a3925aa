import type { ChannelLocale } from '@/contracts/api/notifications';
import { dec } from '@/domain/decimal';
import { denialSentence } from '@/domain/denial-text';
import { DENIAL_CODES, type DenialCode } from '@/domain/risk/codes';
import { venueSentence } from '@/domain/venue-code-text';
import type {
  AccountFailing,
  ClosedOutsideTold,
  CustomerTrades,
  DriftTold,
  ExitDueTold,
  KillSwitchTold,
  OrderFound,
  OutboxPayload,
  SettingChange,
  SettingsChanged,
  SignalDone,
  StopMissingTold,
  TradeLine,
  VenueOutage,
} from '../events';
import { duration, moment, money, name, percent, plainNumber, signedMoney } from './format';
import { codeLabel, wordsOf } from './words';

/** Where a message's links lead. */
export type Links = {
  signal(signalId: string): string;
  account(accountId: string): string;
};

/** One notification in words: a heading, and lines for a message of its own or for a place in a list. */
export type Rendered = {
  readonly heading: string;
  /** Markdown lines of the whole. */
  readonly full: readonly string[];
  /** Markdown lines of the short form; each is one list item. */
  readonly short: readonly string[];
};

/** A short form speaks of at most so many trades of a customer, a full one of so many. */
const SHORT_TRADES = 3;
const FULL_TRADES = 20;

export function render(item: OutboxPayload, locale: ChannelLocale, links: Links): Rendered {
  switch (item.event) {
    case 'signal_done':
      return renderSignal(item.payload, locale, links);
    case 'trade_filled':
    case 'trade_denied':
    case 'trade_rejected':
      return renderTrades(item.event, item.payload, locale, links);
    case 'account_failing':
      return renderAccount(item.payload, locale, links);
    case 'settings_changed':
      return renderSettings(item.payload, locale, links);
    case 'kill_switch':
      return renderKillSwitch(item.payload, locale);
    case 'drift':
      return renderDrift(item.payload, locale, links);
    case 'closed_outside':
      return renderClosedOutside(item.payload, locale, links);
    case 'order_found':
      return renderOrderFound(item.payload, locale, links);
    case 'exit_due':
      return renderExitDue(item.payload, locale, links);
    case 'stop_missing':
      return renderStopMissing(item.payload, locale, links);
    case 'venue_outage':
      return renderVenueOutage(item.payload, locale);
    case 'test': {
      const words = wordsOf(locale);
      const text = words.testText(name(item.payload.channelName));
      const heading = `✅ ${words.testTitle}`;
      return {
        heading,
        full: [`${text}`, `${moment(item.payload.at, locale)}`],
        short: [`${heading} · ${text}`],
      };
    }
  }
}

function renderSignal(signal: SignalDone, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const { counts, timings } = signal;
  const action = words.actions[signal.action][signal.side ?? 'none'];
  const heading = `${markOf(signal)} ${signal.symbol} ${action}`;
  const causes = signal.cause === null ? [] : [words.causes[signal.cause]];
  const link = `[${words.details}](${links.signal(signal.signalId)})`;
  const tally = [
    `${words.filled} **${counts.filled}/${counts.total}**`,
    ...(counts.partial > 0 ? [`${words.partial} ${counts.partial}`] : []),
    ...(counts.open > 0 ? [`${words.open} ${counts.open}`] : []),
    ...(counts.denied > 0 ? [`${words.denied} ${counts.denied}`] : []),
    ...(counts.rejected > 0 ? [`${words.failed} ${counts.rejected}`] : []),
    ...(counts.unknown > 0 ? [`${words.unknown} ${counts.unknown}`] : []),
  ].join(' · ');
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  const since = (at: number | null, label: string): string[] =>
    at === null ? [] : [`${label} ${duration(Math.max(0, at - timings.receivedAt))}`];
  const steps = [
    ...since(timings.firstSentAt, words.firstOrder),
    ...since(timings.lastAckAt, words.lastAck),
    ...since(timings.lastFilledAt, words.lastFill),
  ];
  const pnl = dec(signal.realizedPnl).isZero() ? [] : [signedMoney(signal.realizedPnl, signal.quoteCurrency)];
  const slippage = signal.slippage === null ? [] : [slippageText(signal.slippage, locale)];
  return {
    heading,
    full: [
      signal.rejectCode === null
        ? item(words.followers, tally)
        : item(words.notCopied, codeLabel(signal.rejectCode, locale)),
      ...causes.map((text) => item(words.reason, text)),
      ...(counts.filled > 0 ? [item(words.volume, money(signal.volume, signal.quoteCurrency))] : []),
      ...pnl.map((text) => item(words.pnl, `**${text}**`)),
      ...slippage.map((text) => item(words.slippage, text)),
      ...(steps.length === 0 ? [] : [item(words.timings, steps.join(' · '))]),
      ...(signal.reasons.length === 0
        ? []
        : [
            item(
              words.reasons,
              signal.reasons.map(({ code, count }) => `${codeLabel(code, locale)} ×${count}`).join(words.comma),
            ),
          ]),
      item(words.source, name(signal.sourceName)),
      item(words.received, moment(timings.receivedAt, locale)),
      '',
      link,
    ],
    short: [
      [
        heading,
        ...causes,
        ...(signal.rejectCode === null ? [tally] : [codeLabel(signal.rejectCode, locale)]),
        ...pnl.map((text) => `${words.pnl} ${text}`),
        ...slippage.map((text) => `${words.slippage} ${text}`),
        link,
      ].join(' · '),
    ],
  };
}

/** ✅ all were filled · ⏳ the others still may · ⚠️ a part was, or is not known · ❌ none was */
function markOf({ rejectCode, counts }: Pick<SignalDone, 'rejectCode' | 'counts'>): string {
  const { total, filled, partial, open, unknown } = counts;
  if (rejectCode !== null) return '❌';
  if (filled === total) return '✅';
  if (filled + open === total) return '⏳';
  return filled + partial + open + unknown === 0 ? '❌' : '⚠️';
}

function renderTrades(
  event: 'trade_filled' | 'trade_denied' | 'trade_rejected',
  about: CustomerTrades,
  locale: ChannelLocale,
  links: Links,
): Rendered {
  const words = wordsOf(locale);
  const whole = about.trades.every(({ status }) => status === 'filled');
  const [mark, outcome] = {
    trade_filled: whole ? ['✅', words.filled] : ['⚠️', words.partly],
    trade_denied: ['⚠️', words.denied],
    trade_rejected: ['❌', about.trades.every(({ status }) => status === 'expired') ? words.expired : words.rejected],
  }[event];
  const heading = `${mark} ${about.symbol} ${outcome}`;
  const causes = about.cause === null ? [] : [words.causes[about.cause]];
  const lines = about.trades.map((trade) => [tradeText(trade, about, locale), ...causes].join(' · '));
  const link = `[${words.details}](${links.signal(about.signalId)})`;
  return {
    heading,
    full: [
      ...lines.slice(0, FULL_TRADES).map((line) => `- ${line}`),
      ...(lines.length > FULL_TRADES ? [`- ${words.more(lines.length - FULL_TRADES)}`] : []),
      '',
      link,
    ],
    short: [
      ...lines.slice(0, SHORT_TRADES).map((line) => `${mark} ${about.symbol} ${line} · ${link}`),
      ...(lines.length > SHORT_TRADES ? [`${about.symbol} ${words.more(lines.length - SHORT_TRADES)} · ${link}`] : []),
    ],
  };
}

function tradeText(trade: TradeLine, about: CustomerTrades, locale: ChannelLocale): string {
  const words = wordsOf(locale);
  const action = `**${words.actions[trade.leg][trade.positionSide]}**`;
  const where = `${name(trade.strategyName)} / ${name(trade.accountLabel)}`;
  if (trade.averagePrice === null) {
    const wanted = dec(trade.quantityBase).isZero() ? [] : [`${plainNumber(trade.quantityBase)} ${about.baseCurrency}`];
    return [[action, ...wanted].join(' '), outcomeText(trade, locale), where].join(' · ');
  }
  const filled =
    trade.status === 'filled'
      ? plainNumber(trade.filledBase)
      : `${plainNumber(trade.filledBase)}/${plainNumber(trade.quantityBase)}`;
  const fee = dec(trade.fee);
  return [
    `${action} ${filled} ${about.baseCurrency} @ ${plainNumber(trade.averagePrice)}`,
    ...(trade.leg !== 'open' ? [`${words.pnl} **${signedMoney(trade.realizedPnl, about.quoteCurrency)}**`] : []),
    ...(trade.leg === 'open' ? [words.leverage(plainNumber(trade.leverage))] : []),
    ...(fee.isZero()
      ? []
      : [`${fee.isNegative() ? words.fee : words.rebate} ${money(fee.abs().toFixed(), about.quoteCurrency)}`]),
    ...(trade.slippage === null ? [] : [`${words.slippage} ${slippageText(trade.slippage, locale)}`]),
    where,
  ].join(' · ');
}

/** Why there is no fill, in a sentence with its numbers. */
function outcomeText(trade: TradeLine, locale: ChannelLocale): string {
  const words = wordsOf(locale);
  if (trade.status === 'denied') {
    if (trade.code === null) return words.denied;
    return isDenialCode(trade.code) ? denialSentence(trade.code, trade.detail, locale) : trade.code;
  }
  if (trade.status === 'rejected' || trade.status === 'canceled') {
    const known = trade.code === null ? null : venueSentence(trade.code, locale);
    const message = name(trade.detail.message ?? '');
    const said =
      known === null || trade.code === null
        ? [trade.code ?? '', message].filter((text) => text !== '').join(' ')
        : `${known.replace(/[.。]$/, '')} (${[trade.code, message].filter((text) => text !== '').join(' ')})`;
    return said === '' ? words.rejected : `${words.rejected}${words.colon}${said}`;
  }
  if (trade.status === 'expired') {
    if (trade.code !== 'VENUE_UNREACHABLE' && trade.code !== 'LEVERAGE_FIXED') return words.expired;
    return denialSentence(trade.code, trade.detail, locale);
  }
  return trade.status === 'unknown' ? words.unknown : words.open;
}

function isDenialCode(code: string): code is DenialCode {
  return (DENIAL_CODES as readonly string[]).includes(code);
}

function renderAccount(account: AccountFailing, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const limited = account.health === 'limited';
  const heading = limited ? `⚠️ ${words.accountLimited}` : `❌ ${words.accountFailing}`;
  const where = `${account.venue.toUpperCase()} / ${name(account.label)} (${words.modes[account.mode]})`;
  const reason = codeLabel(account.code, locale);
  const link = `[${words.details}](${links.account(account.accountId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(account.customerName)),
      item(words.account, where),
      item(words.reason, reason),
      item(words.since, moment(account.at, locale)),
      '',
      limited ? words.accountLimitedAdvice : words.accountAdvice,
      '',
      link,
    ],
    short: [`${heading} · ${name(account.customerName)} · ${where} · ${reason} · ${link}`],
  };
}

function renderSettings(told: SettingsChanged, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const heading = `⚠️ ${words.settingsChanged}`;
  const where = `${told.venue.toUpperCase()} / ${name(told.label)} (${words.modes[told.mode]})`;
  const changes = told.changes.map((change) => [settingName(change, locale), settingValues(change, locale)] as const);
  const link = `[${words.details}](${links.account(told.accountId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(told.customerName)),
      item(words.account, where),
      ...changes.map(([label, values]) => item(label, values)),
      item(words.since, moment(told.at, locale)),
      '',
      words.settingsEffect,
      '',
      link,
    ],
    short: [
      [heading, name(told.customerName), where, ...changes.map(([label, values]) => `${label} ${values}`), link].join(
        ' · ',
      ),
    ],
  };
}

function settingName({ setting, symbol }: SettingChange, locale: ChannelLocale): string {
  const label = wordsOf(locale).settings[setting];
  return symbol === null ? label : `${symbol} ${label}`;
}

function settingValues({ setting, from, to }: SettingChange, locale: ChannelLocale): string {
  const words = wordsOf(locale);
  const text = (value: string): string =>
    setting === 'leverage' ? words.leverage(plainNumber(value)) : (words.settingValues[value] ?? value);
  return `${text(from)} → ${text(to)}`;
}

function renderKillSwitch(told: KillSwitchTold, locale: ChannelLocale): Rendered {
  const words = wordsOf(locale);
  const heading = `${told.level === 'none' ? '✅' : '🛑'} ${words.killSwitch}${words.colon}${words.levels[told.level]}`;
  const scope = told.scope === 'platform' ? words.scopes.platform : `${words.scopes[told.scope]} ${name(told.name)}`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.concerns, scope),
      item(words.before, words.levels[told.previous]),
      item(words.since, moment(told.at, locale)),
    ],
    short: [`${heading} · ${scope}`],
  };
}

function renderDrift(told: DriftTold, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const heading = `⚠️ ${told.symbol} ${words.drift}${words.colon}${words.driftKinds[told.kind]}`;
  const where = `${told.venue.toUpperCase()} / ${name(told.label)} (${words.modes[told.mode]})`;
  const coins = (amount: string): string => `${plainNumber(amount)} ${told.baseCurrency}`;
  const figures = `${words.booked} ${coins(told.bookedBase)} · ${words.held} ${coins(told.heldBase)}`;
  const link = `[${words.details}](${links.account(told.accountId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(told.customerName)),
      item(words.account, where),
      item(words.sides[told.side], figures),
      item(words.since, moment(told.at, locale)),
      ...(told.repaired ? ['', words.driftRepaired] : []),
      '',
      link,
    ],
    short: [`${heading} · ${name(told.customerName)} · ${where} · ${figures} · ${link}`],
  };
}

function renderClosedOutside(told: ClosedOutsideTold, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const how = told.codes.map((code) => codeLabel(code, locale)).join(words.comma);
  const heading = `⚠️ ${told.symbol} ${words.closedOutside}${words.colon}${how}`;
  const where = `${told.venue.toUpperCase()} / ${name(told.label)} (${words.modes[told.mode]})`;
  const coins = (amount: string): string => `${plainNumber(amount)} ${told.baseCurrency}`;
  const price = told.averagePrice === null ? '' : ` @ ${plainNumber(told.averagePrice)}`;
  const figures = `${coins(told.closedBase)}${price} · ${words.left} ${coins(told.leftBase)}`;
  const gain = told.realizedPnl === null ? [] : [signedMoney(told.realizedPnl, told.quoteCurrency)];
  const link = `[${words.details}](${links.account(told.accountId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(told.customerName)),
      item(words.account, where),
      item(words.sides[told.side], figures),
      ...gain.map((text) => item(words.pnl, `**${text}**`)),
      item(words.since, moment(told.at, locale)),
      '',
      words.closedOutsideEffect,
      '',
      link,
    ],
    short: [
      [heading, name(told.customerName), where, figures, ...gain.map((text) => `${words.pnl} ${text}`), link].join(
        ' · ',
      ),
    ],
  };
}

function renderOrderFound(told: OrderFound, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const heading = `⚠️ ${told.symbol} ${words.orderFound}`;
  const where = `${told.venue.toUpperCase()} / ${name(told.label)} (${words.modes[told.mode]})`;
  const filled = `${words.filled} ${plainNumber(told.filledBase)}/${plainNumber(told.quantityBase)} ${told.baseCurrency}`;
  const order = `${words.actions[told.leg][told.positionSide]} · ${filled}`;
  const before = [words[told.endedAs], ...(told.endedCode === null ? [] : [codeLabel(told.endedCode, locale)])];
  const link = `[${words.details}](${links.signal(told.signalId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(told.customerName)),
      item(words.account, where),
      item(words.before, before.join(words.comma)),
      item(words.now, order),
      item(words.since, moment(told.at, locale)),
      '',
      words.orderFoundEffect,
      '',
      link,
    ],
    short: [`${heading} · ${name(told.customerName)} · ${where} · ${order} · ${link}`],
  };
}

function renderExitDue(told: ExitDueTold, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const heading = `⚠️ ${told.symbol} ${words.sides[told.side]} ${words.exitDue}`;
  const where = `${told.venue.toUpperCase()} / ${name(told.label)} (${words.modes[told.mode]})`;
  const figures = `${plainNumber(told.heldBase)} ${told.baseCurrency}`;
  const cause = words.exitCauses[told.cause];
  const reason = told.code === null ? [] : [codeLabel(told.code, locale)];
  const link = `[${words.details}](${links.account(told.accountId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(told.customerName)),
      item(words.account, where),
      item(words.sides[told.side], figures),
      item(words.cause, cause),
      ...reason.map((text) => item(words.reason, text)),
      item(words.since, moment(told.since, locale)),
      '',
      words.exitDueEffect,
      '',
      link,
    ],
    short: [[heading, name(told.customerName), where, figures, cause, ...reason, link].join(' · ')],
  };
}

function renderStopMissing(told: StopMissingTold, locale: ChannelLocale, links: Links): Rendered {
  const words = wordsOf(locale);
  const heading = `⚠️ ${told.symbol} ${words.sides[told.side]} ${words.stopMissing}`;
  const where = `${told.venue.toUpperCase()} / ${name(told.label)} (${words.modes[told.mode]})`;
  const figures = `${plainNumber(told.heldBase)} ${told.baseCurrency}`;
  const reason = told.code === null ? [] : [codeLabel(told.code, locale)];
  const link = `[${words.details}](${links.account(told.accountId)})`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  return {
    heading,
    full: [
      item(words.customer, name(told.customerName)),
      item(words.account, where),
      item(words.sides[told.side], figures),
      ...reason.map((text) => item(words.reason, text)),
      item(words.since, moment(told.since, locale)),
      '',
      words.stopMissingEffect,
      '',
      link,
    ],
    short: [[heading, name(told.customerName), where, figures, ...reason, link].join(' · ')],
  };
}

function renderVenueOutage(told: VenueOutage, locale: ChannelLocale): Rendered {
  const words = wordsOf(locale);
  const where = `${told.venue.toUpperCase()} (${words.modes[told.mode]})`;
  const gone = told.state === 'gone';
  const heading = `${gone ? '🛑' : '✅'} ${where} ${gone ? words.venueGone : words.venueBack}`;
  const item = (label: string, text: string): string => `- ${label}${words.colon}${text}`;
  const reason = told.failure === null ? null : words.contactFailures[told.failure];
  const lasted = duration(told.at - told.since);
  return {
    heading,
    full: [
      item(words.since, moment(told.since, locale)),
      ...(reason === null ? [] : [item(words.reason, reason)]),
      ...(gone ? [] : [item(words.lasted, lasted)]),
      '',
      gone ? words.venueGoneEffect : words.venueBackEffect,
    ],
    short: [[heading, ...(gone ? (reason === null ? [] : [reason]) : [lasted])].join(' · ')],
  };
}

/** In words, because a sign alone does not say for whom it is good. Positive is worse for the customers. */
function slippageText(fraction: string, locale: ChannelLocale): string {
  const words = wordsOf(locale);
  const value = dec(fraction);
  if (value.isZero()) return words.even;
  return `${percent(fraction)} ${value.isNegative() ? words.better : words.worse}`;
}
