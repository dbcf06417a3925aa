/** Where the sealed texts of a signal source belong: they do not open in another row or field. */

export function tokenPlace(sourceId: string): string {
  return `SignalSource.tokenSealed:${sourceId}`;
}

export function hmacKeyPlace(sourceId: string): string {
  return `SignalSource.hmacSealed:${sourceId}`;
}
