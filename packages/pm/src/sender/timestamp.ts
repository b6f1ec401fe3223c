const NS_PER_SECOND = 1_000_000_000n;
/** Go's zero `time.Time`: what a state that was never paid carries. */
const ZERO_TIME = '0001-01-01T00:00:00Z';
const ZERO_TIME_NS = -62_135_596_800n * NS_PER_SECOND;
const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,18}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * RFC 3339 in UTC as Go prints it: up to nine decimals, trailing zeros cut (remote-signer.md section 3.1).
 * `undefined` is Go's zero time. Years 1 to 9999.
 */
export function formatTimestamp(unixNs: bigint | undefined): string {
  if (unixNs === undefined) return ZERO_TIME;
  const fractionNs = ((unixNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const seconds = (unixNs - fractionNs) / NS_PER_SECOND;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = fractionNs.toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}

/**
 * Unix nanoseconds of an RFC 3339 text in any zone, digits below a nanosecond **truncated**; `undefined` for
 * Go's zero time; `null` when the text is not a time.
 */
export function parseTimestamp(text: string): bigint | undefined | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number, // six capture groups of digits always matched
    number,
    number,
    number,
    number,
    number,
  ];
  const [zoneHours, zoneMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || zoneHours > 23 || zoneMinutes > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (year === 0 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute, second);
  const zoneSeconds = (zoneHours * 3600 + zoneMinutes * 60) * (match[8] === '-' ? -1 : 1);
  const fractionNs = BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  const unixNs = BigInt(date.getTime() / 1000 - zoneSeconds) * NS_PER_SECOND + fractionNs;
  return unixNs === ZERO_TIME_NS ? undefined : unixNs;
}
