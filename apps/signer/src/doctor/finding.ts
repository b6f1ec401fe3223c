import { plainAddress } from '../discovery/service-address.ts';

/** What one look at a part found. */
export interface Finding {
  /** The part, such as `deposit`. */
  readonly part: string;
  /** `fail`: payments do not work or soon will not; `warn`: they do, and something should be done. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do. */
  readonly advice?: string;
}

/** A good finding. */
export const ok = (part: string, detail: string): Finding => ({ part, level: 'ok', detail });

/** Something to be done. */
export const warn = (part: string, detail: string, advice: string): Finding => ({
  part,
  level: 'warn',
  detail,
  advice,
});

/** Something that keeps payments from working. */
export const fail = (part: string, detail: string, advice: string): Finding => ({
  part,
  level: 'fail',
  detail,
  advice,
});

/** Anyone may register any text as an address: a terminal gets URLs, or the text quoted. */
export const shownAddress = (text: string): string =>
  plainAddress(text) ?? JSON.stringify(text.slice(0, 100));
