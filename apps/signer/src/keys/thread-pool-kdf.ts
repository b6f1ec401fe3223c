import { hash, pbkdf2 as nodePbkdf2, scrypt as nodeScrypt } from 'node:crypto';
import { pbkdf2, scrypt } from 'ethers';

/** The key is being derived: ask again once `ready` is fulfilled. ethers takes the keys of PBKDF2 at once or never. */
export class KeyPendingError extends Error {
  override readonly name = 'KeyPendingError';
  readonly code = 'key-pending';
  /** Rejects when the parameters are no good. */
  readonly ready: Promise<void>;
  constructor(ready: Promise<void>) {
    super('the key is being derived');
    this.ready = ready;
  }
}

/** Derived keys that were not fetched yet, by what they were derived from. */
const derived = new Map<string, Uint8Array>();

/**
 * Has ethers derive the keys of keystores in Node's thread pool: half a second that the event loop does not notice. With
 * PBKDF2 decrypting throws `KeyPendingError` (wherever ethers' caller puts it), and works when it is tried again.
 */
export function deriveInThreadPool(): void {
  scrypt.register(threadPoolScrypt);
  pbkdf2.register(derivedPbkdf2);
}

function threadPoolScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  N: number,
  r: number,
  p: number,
  length: number,
): Promise<Uint8Array> {
  const maxmem = 128 * N * r + 128 * r * (p + 2) + 1024; // exactly the need: Node's default limit is below geth's parameters
  return new Promise((resolve, reject) => {
    nodeScrypt(password, salt, length, { N, r, p, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function derivedPbkdf2(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
  algorithm: 'sha256' | 'sha512',
): Uint8Array {
  const hex = [password, salt].map((bytes) => Buffer.from(bytes).toString('hex'));
  const id = hash('sha256', JSON.stringify([hex, iterations, length, algorithm]));
  const key = derived.get(id);
  if (key === undefined) throw new KeyPendingError(derive());
  derived.delete(id);
  return key;

  async function derive(): Promise<void> {
    const made = await new Promise<Uint8Array>((resolve, reject) => {
      nodePbkdf2(password, salt, iterations, length, algorithm, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
    derived.set(id, made);
  }
}
