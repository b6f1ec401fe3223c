import type { RunnerSession, SessionChannel } from '@lp/runner';
import type { Clock, Transport } from '@lp/runtime';
import { FRAMES_CONTENT_TYPE } from '@lp/trickle';
import type { Effect } from './effects.ts';
import { PictureStream, type StreamChannels, type StreamEnd } from './picture-stream.ts';

/** Told when a stream begins or ends. */
export type StreamLog = (entry: { stream: 'started' | 'ended'; session: string; reason?: StreamEnd }) => void;

/** The streams of all sessions: at most one runs per session. */
export class SessionStreams {
  readonly #streams = new Map<string, Promise<PictureStream>>();
  /** How many streams a session has had; channel names are not used twice (live-runner.md section 10.3). */
  readonly #counts = new Map<string, number>();
  readonly #ending = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #log: StreamLog;

  constructor(options: { clock: Clock; transport: Transport; log: StreamLog }) {
    this.#clock = options.clock;
    this.#transport = options.transport;
    this.#log = options.log;
  }

  /** Streams that run or begin. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * The session's stream with this effect: a new one, or the running one changed, so that a client may repeat a request
   * whose answer it lost. Throws `SessionError`.
   */
  async open(session: RunnerSession, effect: Effect): Promise<StreamChannels> {
    const running = this.#streams.get(session.id);
    if (running !== undefined) {
      const stream = await running;
      stream.effect = effect;
      return stream.channels;
    }
    const starting = this.#start(session, effect);
    this.#streams.set(session.id, starting);
    try {
      return (await starting).channels;
    } catch (error) {
      this.#streams.delete(session.id);
      throw error;
    }
  }

  /** Ends all streams and waits for them. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#streams.values());
    await Promise.allSettled(this.#ending);
  }

  async #start(session: RunnerSession, effect: Effect): Promise<PictureStream> {
    const channels = await this.#createChannels(session);
    const { signal: released } = session;
    const stream = new PictureStream({
      channels,
      effect,
      signal: AbortSignal.any([this.#stop.signal, ...(released === undefined ? [] : [released])]),
      abortedBy: () => (released?.aborted === true ? 'session-ended' : 'shutdown'),
      clock: this.#clock,
      transport: this.#transport,
    });
    this.#log({ stream: 'started', session: session.id });
    const ending = stream.ended.then((reason) => {
      this.#streams.delete(session.id);
      this.#ending.delete(ending);
      if (released?.aborted === true) this.#counts.delete(session.id);
      this.#log({ stream: 'ended', session: session.id, reason });
    });
    this.#ending.add(ending);
    return stream;
  }

  async #createChannels(session: RunnerSession): Promise<StreamChannels> {
    const count = (this.#counts.get(session.id) ?? 0) + 1;
    this.#counts.set(session.id, count);
    const suffix = count === 1 ? '' : `-${count}`;
    const [input, output, events] = await session.createChannels([
      { name: `in${suffix}`, mimeType: FRAMES_CONTENT_TYPE },
      { name: `out${suffix}`, mimeType: FRAMES_CONTENT_TYPE },
      { name: `events${suffix}`, mimeType: 'application/json' },
    ]);
    return { input: present(input), output: present(output), events: present(events) };
  }
}

// `createChannels` gives as many as were asked for.
function present(channel: SessionChannel | undefined): SessionChannel {
  if (channel === undefined) throw new Error('a channel is missing');
  return channel;
}
