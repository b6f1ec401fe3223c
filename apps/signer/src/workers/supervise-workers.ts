import cluster from 'node:cluster';
import { ConfigError, type RunningService } from '@lp/service';
import { Crew, type CrewPorts } from './crew.ts';
import { portsToShare } from './ports-to-share.ts';

/** What the supervisor reads of the options. */
export interface CrewConfig {
  readonly workers: number;
  readonly ledger: string;
  readonly host: string;
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
}

/** The outside of a supervisor. */
export interface SupervisorPorts extends CrewPorts {
  /** Throws what is wrong with the options as they are now. */
  readonly check: () => void;
}

/**
 * Runs the signer in several processes that share its ports. It holds no key and answers nothing itself. The first worker
 * starts alone, so that one makes or upgrades the ledger; it resolves when all serve. One that dies is replaced.
 *
 * @throws ConfigError where the ledger cannot be shared; WorkersFailedError when one does not start.
 */
export async function superviseWorkers(config: CrewConfig, ports: SupervisorPorts): Promise<RunningService> {
  refuseToShareNothing(config);
  const { host, port, adminHost, adminPort } = config;
  const listenAt = await portsToShare([
    { host, port },
    { host: adminHost, port: adminPort },
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
