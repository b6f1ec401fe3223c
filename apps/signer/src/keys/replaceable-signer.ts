import type { MessageSigner } from '@lp/pm';

/** The new key is of another account; only a restart can change that. */
export class OtherAccountError extends Error {
  override readonly name = 'OtherAccountError';
  readonly code = 'other-account';
}

/** A message signer whose key can be read again while it is in use. */
export interface ReplaceableSigner extends MessageSigner {
  /** @throws OtherAccountError when the address differs. */
  replace(next: MessageSigner): void;
}

/** Signs with the newest key; what is under way ends with the one it began with. */
export function replaceableSigner(first: MessageSigner): ReplaceableSigner {
  let current = first;
  return {
    address: first.address,
    signMessages: (messages, options) => current.signMessages(messages, options),
    replace(next) {
      if (next.address !== first.address) {
        throw new OtherAccountError(`the key is of ${next.address} now; restart to change the account`);
      }
      current = next;
    },
  };
}
