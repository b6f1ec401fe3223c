import type { Frame, FrameSink, MediaPort } from '../src/port/media-port.ts';

/** A runner in memory: what is published comes back on the output, changed by `transform`. */
export class FakeMedia implements MediaPort {
  readonly published: Frame[] = [];
  transform: (frame: Frame) => Frame | undefined = (frame) => frame;
  /** When set, every write and subscription fails with it. */
  failure: Error | undefined;
  /** When set, writes wait for it. */
  gate: Promise<void> | undefined;
  subscriptions = 0;
  readonly #breakOffs = new Set<(error: Error) => void>();
  readonly #readers = new Set<(frame: Frame) => void>();

  publish(): FrameSink {
    return {
      write: async (frame) => {
        await this.gate;
        if (this.failure !== undefined) throw this.failure;
        this.published.push(frame);
        const answer = this.transform(frame);
        if (answer !== undefined) for (const read of this.#readers) read(answer);
      },
      close: async () => {},
    };
  }

  /** Ends every subscription with an error. */
  breakOff(error: Error): void {
    for (const stop of this.#breakOffs) stop(error);
  }

  async *subscribe(_url: string, signal: AbortSignal): AsyncGenerator<Frame> {
    this.subscriptions += 1;
    if (this.failure !== undefined) throw this.failure;
    const queue: Frame[] = [];
    let wake = Promise.withResolvers<void>();
    const read = (frame: Frame) => {
      queue.push(frame);
      wake.resolve();
    };
    const stop = () => wake.resolve();
    let broken: Error | undefined;
    const breakOff = (error: Error) => {
      broken = error;
      wake.resolve();
    };
    this.#breakOffs.add(breakOff);
    this.#readers.add(read);
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) {
        if (broken !== undefined) throw broken;
        const frame = queue.shift();
        if (frame !== undefined) yield frame;
        else {
          await wake.promise;
          wake = Promise.withResolvers();
        }
      }
    } finally {
      this.#readers.delete(read);
      this.#breakOffs.delete(breakOff);
    }
  }
}

/** The smallest bytes that pass as a picture here. */
export function jpeg(...content: number[]): Uint8Array {
  return new Uint8Array([0xff, 0xd8, ...content]);
}
