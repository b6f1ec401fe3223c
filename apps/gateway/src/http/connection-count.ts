import { HttpError } from '@lp/service';

/** Counts connections that stay open, against one limit. */
export class ConnectionCount {
  readonly #limit: number;
  #open = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get open(): number {
    return this.#open;
  }

  /** Throws 429 `too-many-connections` at the limit. The result gives the place back; calling it twice is harmless. */
  take(): () => void {
    if (this.#open >= this.#limit) {
      throw new HttpError(
        429,
        'too-many-connections',
        `${this.#limit} sockets and streams are open, the limit`,
      );
    }
    this.#open += 1;
    let held = true;
    return () => {
      if (held) this.#open -= 1;
      held = false;
    };
  }
}
