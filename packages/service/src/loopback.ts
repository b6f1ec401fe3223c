import { isIPv4 } from 'node:net';

/** A server would listen beyond this machine although no caller has to authenticate. */
export class OpenListenerError extends Error {
  override readonly name = 'OpenListenerError';
  readonly code = 'open-listener';
  readonly exitCode = 2;
}

/** Whether a listening address stays on this machine: `localhost`, `127.0.0.0/8` or `::1`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

/**
 * Throws `OpenListenerError` when `host` is reachable from other machines and nothing authenticates callers
 * (architecture.md section 9). `hint` says which option configures authentication.
 */
export function refuseOpenListener(host: string, authConfigured: boolean, hint = 'configure API keys'): void {
  if (authConfigured || isLoopback(host)) return;
  throw new OpenListenerError(
    `refusing to listen on ${host} without authentication: ${hint}, or listen on 127.0.0.1`,
  );
}
