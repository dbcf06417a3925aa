import type { ChannelLocale } from '@/contracts/api/notifications';
import type { ChannelMessage } from '../channel-sender';
import type { OutboxPayload } from '../events';
import { type Links, type Rendered, render } from './render';
import { wordsOf } from './words';

/** Up to so many notifications are told in full; more of them become a list. */
const FULL_NOTIFICATIONS = 3;

export type Composed = {
  readonly message: ChannelMessage;
  /** How many of the given notifications it tells, from the first; the rest goes into the next message. */
  readonly taken: number;
};

/**
 * One message of as many notifications as fit, oldest first; at least the first one, whose short form fits always.
 *
 * @param items not empty
 */
export function compose(
  items: readonly OutboxPayload[],
  options: {
    readonly locale: ChannelLocale;
    readonly links: Links;
    readonly fits: (message: ChannelMessage) => boolean;
  },
): Composed {
  const { locale, links, fits } = options;
  const rendered = items.map((item) => render(item, locale, links));
  if (items.length <= FULL_NOTIFICATIONS) {
    const message = inFull(rendered, locale);
    if (fits(message)) return { message, taken: items.length };
  }
  // The size grows with every item: the largest list that fits is found by halving.
  let taken = 1;
  let tooMany = items.length + 1;
  while (tooMany - taken > 1) {
    const middle = Math.floor((taken + tooMany) / 2);
    if (fits(asList(rendered.slice(0, middle), locale))) taken = middle;
    else tooMany = middle;
  }
  return { message: asList(rendered.slice(0, taken), locale), taken };
}

function title(rendered: readonly Rendered[], locale: ChannelLocale): string {
  const [first] = rendered;
  return rendered.length === 1 && first !== undefined ? first.heading : wordsOf(locale).manyTitle(rendered.length);
}

function inFull(rendered: readonly Rendered[], locale: ChannelLocale): ChannelMessage {
  const text = rendered.map(({ heading, full }) => [`### ${heading}`, '', ...full].join('\n')).join('\n\n---\n\n');
  return { title: title(rendered, locale), text };
}

function asList(rendered: readonly Rendered[], locale: ChannelLocale): ChannelMessage {
  const heading = title(rendered, locale);
  const lines = rendered.flatMap(({ short }) => short.map((line) => `- ${line}`));
  return { title: heading, text: [`### ${heading}`, '', ...lines].join('\n') };
}
