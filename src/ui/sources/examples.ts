const ID = '"\'"$(date +%s)"\'"';
const TIME = '"\'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"\'"';

/** A body that opens a small long position, for a shell: the id and the time are filled in when it is sent. */
function bodyOf(format: string, symbol: string, coins: string): string {
  switch (format) {
    case 'okx-signal-bot':
      return `{"action":"ENTER_LONG","instrument":"${symbol}","signalToken":"any","timestamp":${TIME},"maxLag":"60","orderType":"market","orderPriceOffset":"","investmentType":"base","amount":"${coins}"}`;
    case '3commas-custom':
      return `{"secret":"any","max_lag":"300","timestamp":${TIME},"tv_exchange":"","tv_instrument":"${symbol}","action":"enter_long","bot_uuid":"","order":{"amount":"${coins}","currency_type":"base","order_type":"market"}}`;
    case '3commas-strategy':
      return `{"secret":"any","max_lag":"300","timestamp":${TIME},"tv_exchange":"","tv_instrument":"${symbol}","action":"buy","bot_uuid":"","strategy_info":{"market_position":"long","market_position_size":"${coins}","prev_market_position":"flat","prev_market_position_size":"0"},"order":{"amount":"${coins}","currency_type":"base"}}`;
    case 'tradingview':
      return `{"id":${ID},"timestamp":${TIME},"action":"buy","symbol":"${symbol}","contracts":"${coins}","position_size":"${coins}","order_type":"market"}`;
    default:
      return `{"version":1,"id":${ID},"timestamp":${TIME},"instrument":"${symbol}","action":"open","side":"long","quantity":{"unit":"base","value":"${coins}"},"orderType":"market"}`;
  }
}

export type Example = {
  readonly format: string;
  readonly signed: boolean;
  readonly symbol: string;
  readonly coins: string;
};

/** One command that sends a first signal to an address, in the source's format; signed where the source asks for it. */
export function curlExample(source: Example, url: string): string {
  const body = bodyOf(source.format, source.symbol, source.coins);
  if (!source.signed) return `curl -X POST '${url}' -H 'content-type: application/json' -d '${body}'`;
  return [
    `BODY='${body}'`,
    'TS=$(date +%s)000',
    'SIGNATURE=$(printf \'%s.%s\' "$TS" "$BODY" | openssl dgst -sha256 -hmac "$HMAC_KEY" -r | cut -d" " -f1)',
    `curl -X POST '${url}' -H 'content-type: application/json' \\`,
    '  -H "X-Slipstream-Timestamp: $TS" -H "X-Slipstream-Signature: $SIGNATURE" -d "$BODY"',
  ].join('\n');
}
