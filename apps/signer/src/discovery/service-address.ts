import { AddressError, joinUrl } from '@lp/discovery';

/**
 * Where clients reach an orchestrator that was asked at `url`: the service URL that it claims, as go-livepeer has it. Not
 * where that is no URL, and not where that is one of `asked`: who is asked there speaks for it, nobody else.
 */
export function serviceAddress(claimed: string, url: string, asked: ReadonlySet<string>): string {
  const other = /^https?:\/\//i.test(claimed) ? plainAddress(claimed) : undefined;
  return other === undefined || !speaksFor(other, url, asked) ? (plainAddress(url) ?? url) : other;
}

/** Whether what is asked at `url` may tell about `address`: itself, or somebody who is not asked. */
export function speaksFor(address: string, url: string, asked: ReadonlySet<string>): boolean {
  return address === plainAddress(url) || !asked.has(address);
}

/** Without trailing slash, query and fragment; undefined for what is no http(s) URL. */
export function plainAddress(url: string): string | undefined {
  try {
    return joinUrl(url, '');
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}
