import { connect } from 'node:tls';
import { messageOf } from '../message-of.ts';
import { type Finding, fail, ok, shownAddress, warn } from './finding.ts';

const TIMEOUT_MS = 5000;
const SOON_DAYS = 14;
const MS_PER_DAY = 86_400_000;

/** A service that is reached over TLS. */
export interface Service {
  readonly name: string;
  readonly url: string;
  /** Orchestrators may sign their own: such certificates are pinned on first use. */
  readonly mayBeSelfSigned?: boolean;
}

/** Those of the orchestrators at `urls` that are reached over TLS. */
export function orchestratorServices(urls: readonly string[]): readonly Service[] {
  return urls
    .filter((url) => URL.parse(url)?.protocol === 'https:')
    .map((url) => ({ name: shownAddress(url), url, mayBeSelfSigned: true }));
}

/** Whether the certificates of services hold, and how long. Services without TLS are named where they should have it. */
export async function certificateFindings(
  services: readonly Service[],
  nowMs: number,
): Promise<readonly Finding[]> {
  return Promise.all(services.map((service) => certificateFinding(service, nowMs)));
}

async function certificateFinding(service: Service, nowMs: number): Promise<Finding> {
  const part = `certificate of ${service.name}`;
  const { protocol, hostname, port } = new URL(service.url);
  if (protocol !== 'https:') return ok(part, 'none: plain HTTP');
  try {
    const { error, validTo } = await handshake(hostname.replace(/^\[|\]$/g, ''), Number(port || 443));
    const days = Math.floor((validTo - nowMs) / MS_PER_DAY);
    if (error !== undefined) {
      return service.mayBeSelfSigned === true
        ? ok(part, `not of an authority (${error}): pinned on first use`)
        : fail(part, `does not hold: ${error}`, 'renew it, or set NODE_EXTRA_CA_CERTS to its authority');
    }
    return days < SOON_DAYS
      ? warn(part, `ends in ${days} days`, 'renew it')
      : ok(part, `holds for ${days} days`);
  } catch (error) {
    const reason = messageOf(error);
    return service.mayBeSelfSigned === true
      ? warn(part, `cannot be read: ${reason}`, 'the orchestrator may be down')
      : fail(part, `cannot be read: ${reason}`, 'see whether the service is up');
  }
}

function handshake(host: string, port: number): Promise<{ error: string | undefined; validTo: number }> {
  return new Promise((resolve, reject) => {
    // Nothing is sent: the certificate is looked at whether it holds or not.
    const socket = connect({ host, port, servername: host, rejectUnauthorized: false, timeout: TIMEOUT_MS });
    socket.once('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate();
      const error = socket.authorized ? undefined : String(socket.authorizationError);
      socket.destroy();
      resolve({ error, validTo: Date.parse(validTo) });
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
}
