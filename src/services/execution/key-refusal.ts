/** OKX's codes for a key, passphrase, address or permission that does not fit; 6xxxx are those of its streams. */
const KEY_REFUSALS = new Set([
  '50100',
  '50101',
  '50103',
  '50105',
  '50110',
  '50111',
  '50113',
  '50114',
  '50119',
  '50120',
  '60005',
  '60007',
  '60009',
  '60024',
  '60032',
]);

/** Whether the venue's code says that it does not accept the account's key. */
export function isKeyRefusal(code: string): boolean {
  return KEY_REFUSALS.has(code);
}
