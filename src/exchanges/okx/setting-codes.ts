/** Refusals by the account's mode at the venue: it takes such requests in another one. */
const OF_ACCOUNT_MODE: ReadonlySet<string> = new Set([
  '50072', // no isolated margin in multi-currency and portfolio margin
  '51010', // not in the account's mode
  '51128', // no cross margin in multi-currency margin
  '51205', // no reduce-only order in portfolio margin
  '51298', // trigger orders are not for net mode
  '51205', // reduce-only is not for portfolio margin
  '59111', // leverage is not for portfolio margin
]);

/** A parameter that must fit the account's settings, named by 51000 in its text. */
const PARAMETER_ERROR = '51000';
const SETTING_PARAMETER = /\b(posSide|tdMode|mgnMode|reduceOnly)\b/;

/** Whether a refusal says that the account's position mode or account mode is another one than the request was made for. */
export function speaksOfSettings(code: string, message: string): boolean {
  return OF_ACCOUNT_MODE.has(code) || (code === PARAMETER_ERROR && SETTING_PARAMETER.test(message));
}
