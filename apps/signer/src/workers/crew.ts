import cluster, { type Worker } from 'node:cluster';
import { backoff, type Clock, type Random } from '@lp/runtime';
import type { ServiceContext } from '@lp/service';
import { gatherMetrics } from './gather-metrics.ts';
import { type FromWorker, type ToWorker, WORKER_PORTS } from './messages.ts';
import { WorkersFailedError } from './workers-failed-error.ts';

/** The outside of a crew. */
export interface CrewPorts extends Pick<ServiceContext, 'log' | 'fail'> {
  readonly clock: Clock;
  readonly random: Random;
}

const RETRY = { baseMs: 100, maxMs: 30_000 };
/** Workers in a row that ended before they served: then there is no use in more. */
const MOST_FAILED_STARTS = 5;
/** A worker that lived this long did not die of its start. */
const SETTLED_MS = 10_000;

/** Where a worker answers. */
export interface Addresses {
  readonly url: string;
  readonly adminUrl: string;
}

interface Member {
  readonly worker: Worker;
  readonly bornNs: bigint;
  readonly started: PromiseWithResolvers<Addresses>;
  readonly ended: PromiseWithResolvers<number | null>;
  serves: boolean;
}

/** Workers that share ports: forked, told, listened to, replaced. */
export class Crew {
  readonly #ports: CrewPorts;
  readonly #members = new Set<Member>();
  readonly #metrics;
  readonly #closing = new AbortController();
  readonly #listenAt: readonly number[];
  #leader: Member | undefined;
  #keepsUp = false;
  #quickDeaths = 0;
  #failedStarts = 0;

  /** @param listenAt ports of the API and the admin listener. */
  constructor(listenAt: readonly number[], ports: CrewPorts) {
    this.#ports = ports;
    this.#listenAt = listenAt;
    this.#metrics = gatherMetrics(ports.clock, () => this.#serving().length);
  }

  /** Starts a worker. @throws WorkersFailedError when it ends before it serves. */
  start(): Promise<Addresses> {
    const member: Member = {
      worker: cluster.fork({ [WORKER_PORTS]: this.#listenAt.join(' ') }),
      bornNs: this.#ports.clock.monotonicNs(),
      started: Promise.withResolvers(),
      ended: Promise.withResolvers(),
      serves: false,
    };
    this.#members.add(member);
    member.worker.on('message', (message: FromWorker) => this.#hear(member, message)); // this very program
    member.worker.on('error', (error) => this.#fault(member, error));
    member.worker.once('exit', (code: number | null, signal: string | null) =>
      this.#bury(member, code, signal),
    );
    return member.started.promise;
  }

  /** From now on there are `count` workers: those that end are replaced. */
  keepUp(count: number): void {
    this.#keepsUp = true;
    for (let missing = count - this.#members.size; missing > 0; missing--) void this.#replace();
  }

  tellAll(message: ToWorker): void {
    for (const member of this.#members) tell(member, message);
  }

  /** Drains all. @throws WorkersFailedError when one did not end well. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the signer is closing'));
    const codes = Promise.all([...this.#members].map(({ ended }) => ended.promise));
    this.tellAll({ kind: 'stop' });
    const bad = (await codes).filter((code) => code !== 0);
    if (bad.length > 0) throw new WorkersFailedError(`${bad.length} workers did not drain in time`, 1);
  }

  #serving(): Member[] {
    return [...this.#members].filter(({ serves }) => serves);
  }

  #hear(member: Member, message: FromWorker): void {
    switch (message.kind) {
      case 'started':
        member.serves = true;
        this.#failedStarts = 0;
        this.#lead();
        member.started.resolve(message);
        return;
      case 'measured':
        return this.#metrics.measured(message.id, message.metrics);
      case 'aggregate':
        return void this.#aggregate(member, message.id);
    }
  }

  async #aggregate(asker: Member, id: number): Promise<void> {
    const ask = this.#serving().map(
      (one) => (question: number) => tell(one, { kind: 'measure', id: question }),
    );
    const text = await this.#metrics.gather(ask);
    tell(asker, { kind: 'aggregated', id, text });
  }

  /** One worker does what one does for all: when it is gone, the next one. */
  #lead(): void {
    if (this.#leader !== undefined && this.#members.has(this.#leader)) return;
    [this.#leader] = this.#serving();
    if (this.#leader !== undefined) tell(this.#leader, { kind: 'turn' });
  }

  #fault(member: Member, error: Error): void {
    const unborn = member.worker.process.pid === undefined;
    this.#ports.log.error({ err: error }, unborn ? 'a worker cannot be started' : 'a worker cannot be told');
    if (unborn) this.#bury(member, 1, null); // it never exits
  }

  #bury(member: Member, code: number | null, signal: string | null): void {
    const { clock, log } = this.#ports;
    this.#members.delete(member);
    this.#lead();
    member.ended.resolve(code);
    if (!member.serves) {
      const why = signal === null ? `with ${code}` : `by ${signal}`;
      member.started.reject(
        new WorkersFailedError(`a worker ended ${why} before it served: see its lines`, code === 2 ? 2 : 1),
      );
      this.#failedStarts += 1;
    }
    if (this.#closing.signal.aborted || !this.#keepsUp) return;
    const { pid } = member.worker.process;
    log.error({ worker: pid, code, signal }, 'a worker ended; another one takes its place');
    const livedMs = Number((clock.monotonicNs() - member.bornNs) / 1_000_000n);
    this.#quickDeaths = livedMs < SETTLED_MS ? this.#quickDeaths + 1 : 0;
    void this.#replace();
  }

  /** Ends with a worker that serves or was followed up by its own end, with the close, or with the service. */
  async #replace(): Promise<void> {
    const { clock, random, fail } = this.#ports;
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      fail(new WorkersFailedError(`${this.#failedStarts} workers in a row ended before they served`, 1));
      return;
    }
    try {
      await clock.sleep(backoff(this.#quickDeaths, { ...RETRY, random }), this.#closing.signal);
      await this.start();
    } catch {
      // the close, or an end before it served: that was counted, and has its own successor
    }
  }
}

function tell({ worker }: Member, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {}); // one that is gone needs no telling
}
