import { AddressError, joinUrl } from '@lp/discovery';

/**
 * Where clients reach an orchestrator that was asked at `url`: the service URL that it claims, as go-livepeer has it. Not
 * where that is no URL, and not where that is one of `asked`: who is asked there speaks for it, nobody else.
 */
export function serviceAddress(claimed: string, url: string, asked: ReadonlySet<string>): string {
  const own = plainAddress(url) ?? url;
  const other = /^https?:\/\//i.test(claimed) ? plainAddress(claimed) : undefined;
  return other === undefined || (other !== own && asked.has(other)) ? own : other;
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
