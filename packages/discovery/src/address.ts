/** An address is not an http(s) URL that this stack would call. Correct the address. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
  readonly code = 'invalid-address';
}

const MAX_ADDRESS_LENGTH = 2048;

/**
 * Reads an address as every Livepeer client does: without `://` it means `https://` (client.md section 1.1). Only http
 * and https pass, and no user name or password inside the URL.
 *
 * @throws AddressError; the message never repeats the address.
 */
export function parseAddress(text: string): URL {
  const trimmed = text.trim();
  if (trimmed === '') throw new AddressError('the address is empty');
  if (trimmed.length > MAX_ADDRESS_LENGTH) {
    throw new AddressError(`the address is longer than ${MAX_ADDRESS_LENGTH} characters`);
  }
  let url: URL;
  try {
    url = new URL(trimmed.includes('://') ? trimmed : `https://${trimmed}`);
  } catch {
    throw new AddressError('the address is not a URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AddressError('the address must be http or https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new AddressError('the address carries a user name or password; send credentials as headers');
  }
  return url;
}

/**
 * Origin-based endpoint: path, query and fragment of the address are dropped (client.md section 1.1).
 *
 * @throws AddressError
 * @example originUrl('signer.example/base?x', '/sign-orchestrator-info') // 'https://signer.example/sign-orchestrator-info'
 */
export function originUrl(address: string, path: string): string {
  return `${parseAddress(address).origin}${path}`;
}

/**
 * Join-based endpoint: the address's path is kept, query and fragment are dropped (client.md section 1.1).
 *
 * @throws AddressError
 * @example joinUrl('https://o.example/base/', '/discovery') // 'https://o.example/base/discovery'
 */
export function joinUrl(address: string, path: string): string {
  const url = parseAddress(address);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${path}`;
}
