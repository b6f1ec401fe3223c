/** Header fields that Go's server keeps to itself. */
const NOT_FORWARDED = new Set(['host', 'transfer-encoding', 'signer-auth-id']);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** `x-forwarded-for` as `X-Forwarded-For`, as Go writes field names. A name that is none stays as it is. */
export function canonicalName(name: string): string {
  if (!TOKEN.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/**
 * All header fields of a request for the webhook, by canonical name, values in order, names sorted: what Go's encoder
 * makes of `http.Header` (remote-signer.md section 5.1).
 *
 * @param raw names and values in turn, as Node gives them.
 * @param without lower-case names of fields that are nobody else's business.
 */
export function canonicalHeaders(
  raw: readonly string[],
  without: ReadonlySet<string> = new Set(),
): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || without.has(lower)) continue;
    const canonical = canonicalName(name);
    const values = found.get(canonical);
    if (values === undefined) found.set(canonical, [value]);
    else values.push(value);
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
