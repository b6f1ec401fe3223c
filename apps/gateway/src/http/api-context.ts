import type { Ratio } from '@lp/pricing';
import type { Clock } from '@lp/runtime';
import type { SessionPort } from '../port/session-port.ts';
import type { SessionTable } from '../session/session-table.ts';

/** What the routes work with. */
export interface ApiContext {
  readonly table: SessionTable;
  readonly port: SessionPort;
  readonly clock: Clock;
  /** Wei for one USD now; undefined when the gateway knows no rate. */
  readonly weiPerUsd: () => Ratio | undefined;
  readonly limits: SocketLimits;
  /** Settings worth naming on the page, such as development values. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Limits of connections that stay open. */
export interface SocketLimits {
  /** Frame sockets and event streams together. */
  readonly maxSockets: number;
  /** Largest picture in bytes. */
  readonly maxFrameBytes: number;
  /** Bytes that may wait for one client; a viewer beyond loses frames, an event stream its connection. */
  readonly maxBufferedBytes: number;
}
