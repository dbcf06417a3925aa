const ID = '"\'"$(date +%s)"\'"';
const TIME = '"\'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"\'"';

/** A body that opens a small long position, for a shell: the id and the time are filled in when it is sent. */
function bodyOf(format: string): string {
  switch (format) {
    case 'okx-signal-bot':
      return `{"action":"ENTER_LONG","instrument":"BTC-USDT-SWAP","signalToken":"any","timestamp":${TIME},"maxLag":"60","orderType":"market","orderPriceOffset":"","investmentType":"base","amount":"0.1"}`;
    case '3commas-custom':
      return `{"secret":"any","max_lag":"300","timestamp":${TIME},"tv_exchange":"","tv_instrument":"BTC-USDT-SWAP","action":"enter_long","bot_uuid":"","order":{"amount":"0.1","currency_type":"base","order_type":"market"}}`;
    case '3commas-strategy':
      return `{"secret":"any","max_lag":"300","timestamp":${TIME},"tv_exchange":"","tv_instrument":"BTC-USDT-SWAP","action":"buy","bot_uuid":"","strategy_info":{"market_position":"long","market_position_size":"0.1","prev_market_position":"flat","prev_market_position_size":"0"},"order":{"amount":"0.1","currency_type":"base"}}`;
    case 'tradingview':
      return `{"id":${ID},"timestamp":${TIME},"action":"buy","symbol":"BTC-USDT-SWAP","contracts":"0.1","position_size":"0.1","order_type":"market"}`;
    default:
      return `{"version":1,"id":${ID},"timestamp":${TIME},"instrument":"BTC-USDT-SWAP","action":"open","side":"long","quantity":{"unit":"base","value":"0.1"},"orderType":"market"}`;
  }
}

/** One command that sends a first signal to an address, in the source's format; signed where the source asks for it. */
export function curlExample(source: { format: string; signed: boolean }, url: string): string {
  const body = bodyOf(source.format);
  if (!source.signed) return `curl -X POST '${url}' -H 'content-type: application/json' -d '${body}'`;
  return [
    `BODY='${body}'`,
    'TS=$(date +%s%3N)',
    'SIGNATURE=$(printf \'%s.%s\' "$TS" "$BODY" | openssl dgst -sha256 -hmac "$HMAC_KEY" -r | cut -d" " -f1)',
    `curl -X POST '${url}' -H 'content-type: application/json' \\`,
    '  -H "X-Slipstream-Timestamp: $TS" -H "X-Slipstream-Signature: $SIGNATURE" -d "$BODY"',
  ].join('\n');
}
