import { TransportError } from '../transport.ts';

/** `url` without user, query and fragment: what an error may show. */
const shown = (url: URL): string => `${url.origin}${url.pathname}`;

/** A checked request URL. */
export interface Target {
  readonly url: URL;
  /** The URL as errors carry it: without query, where tokens live. */
  readonly shown: string;
}

/** Parses an absolute http(s) URL without credentials. Throws `TransportError` 'invalid-url'. */
export const parseTarget = (text: string): Target => {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new TransportError('invalid-url', 'not an absolute URL', { url: '', sent: false, cause });
  }
  const refuse = (message: string): TransportError =>
    new TransportError('invalid-url', message, { url: shown(url), sent: false });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse(`URL scheme ${url.protocol} is not http or https`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('URL carries credentials; send them as a header');
  }
  return { url, shown: shown(url) };
};
