import { ConfigError } from '@lp/service';

/**
 * The operator's list of recipients in lower case.
 *
 * @throws ConfigError for what is no address.
 */
export function listedRecipients(list: readonly string[]): ReadonlySet<string> | 'any' {
  if (list.length === 1 && list[0] === 'any') return 'any';
  const wrong = list.filter((entry) => !/^0x[0-9a-fA-F]{40}$/.test(entry));
  if (wrong.length > 0) {
    throw new ConfigError('lp-signer', [`--recipients: ${wrong.join(', ')} is no address`]);
  }
  return new Set(list.map((entry) => entry.toLowerCase()));
}
