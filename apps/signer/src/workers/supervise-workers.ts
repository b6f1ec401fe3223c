import cluster, { type Worker } from 'node:cluster';
import { backoff, type Clock, type Random } from '@lp/runtime';
import { ConfigError, type RunningService, type ServiceContext } from '@lp/service';
import { gatherMetrics } from './gather-metrics.ts';
import { type FromWorker, type ToWorker, WORKER_PORTS } from './messages.ts';
import { portsToShare } from './ports-to-share.ts';
import { WorkersFailedError } from './workers-failed-error.ts';

/** What the supervisor reads of the options. */
export interface CrewConfig {
  readonly workers: number;
  readonly ledger: string;
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
}

/** The outside of a supervisor. */
export interface CrewPorts extends Pick<ServiceContext, 'log' | 'fail'> {
  readonly clock: Clock;
  readonly random: Random;
  /** Throws what is wrong with the options as they are now. */
  readonly check: () => void;
}

const RETRY = { baseMs: 100, maxMs: 30_000 };
/** Workers in a row that ended before they served: then there is no use in more. */
const MOST_FAILED_STARTS = 5;
/** A worker that lived this long did not die of its start. */
const SETTLED_MS = 10_000;

/**
 * Runs the signer in several processes that share its ports. It holds no key and answers nothing itself. The first worker
 * starts alone, so that one makes or upgrades the ledger; it resolves when all serve. One that dies is replaced.
 *
 * @throws ConfigError where the ledger cannot be shared; WorkersFailedError when one does not start.
 */
export async function superviseWorkers(config: CrewConfig, ports: CrewPorts): Promise<RunningService> {
  refuseToShareNothing(config);
  const { host, port, adminPort } = config;
  const listenAt = await portsToShare([
    { host, port },
    { host: '127.0.0.1', port: adminPort },
  ]);
  const crew = new Crew(listenAt, ports);
  cluster.setupPrimary({ serialization: 'advanced' }); // metrics may be infinite
  const addresses = await crew.start();
  await Promise.all(Array.from({ length: config.workers - 1 }, () => crew.start()));
  crew.keepUp(config.workers);
  return {
    url: addresses.url,
    also: { admin: addresses.adminUrl },
    close: () => crew.close(),
    async reload() {
      ports.check();
      crew.tellAll({ kind: 'reload' });
    },
  };
}

function refuseToShareNothing({ ledger, workers }: CrewConfig): void {
  if (ledger === 'none') {
    throw new ConfigError('lp-signer', [
      `--workers ${workers} with --ledger none: each worker would keep states, nonces, limits and balances to itself and sign them twice; choose --ledger sqlite or postgres, or one worker`,
    ]);
  }
  if (!cluster.isPrimary) {
    throw new ConfigError('lp-signer', [
      '--workers above 1 inside a worker of another program: leave one of the two to it',
    ]);
  }
}

interface Addresses {
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

class Crew {
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
    member.worker.on('error', (error) => this.#ports.log.error({ err: error }, 'a worker cannot be told'));
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
