/** Digits in groups of three, with thin spaces. */
export function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const text = whole.replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** Wei for a decimal amount of ETH; throws on anything else. Exact. */
export function weiFromEth(eth: string): string {
  const match = /^(\d{1,12})(?:\.(\d{1,18}))?$/.exec(eth);
  if (match === null) throw new Error('the spend limit must be an amount of ETH such as 0.001');
  const wei = BigInt(match[1] ?? '0') * 10n ** 18n + BigInt((match[2] ?? '').padEnd(18, '0') || '0');
  if (wei === 0n) throw new Error('the spend limit must be above 0');
  return `${wei}`;
}

/** `$0.000123` with as many places as an amount this small needs. */
export function usd(text: string | null): string {
  if (text === null) return '—';
  const value = Number(text);
  return `$${value >= 1 ? value.toFixed(2) : value.toFixed(6)}`;
}

/** The host of a URL, or the text itself. */
export function host(url: string): string {
  return URL.parse(url)?.host ?? url;
}
