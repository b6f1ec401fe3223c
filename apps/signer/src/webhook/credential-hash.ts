import { createHash } from 'node:crypto';

/** Header fields that differ from call to call and that no authorisation rests on. */
const INCIDENTAL = new Set([
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'B3',
  'Cf-Ray',
  'Connection',
  'Content-Length',
  'Content-Type',
  'Date',
  'Keep-Alive',
  'Traceparent',
  'Tracestate',
  'User-Agent',
  'X-Amzn-Trace-Id',
  'X-Cloud-Trace-Context',
  'X-Request-Id',
]);

/** Header fields that tell who calls. */
const IDENTIFYING = ['Authorization', 'Proxy-Authorization', 'Signer-Auth-Id', 'X-Api-Key'];

type Headers = Readonly<Record<string, readonly string[]>>;

/** SHA-256 over every header field that the webhook may have decided by, in hex: two callers never share one. */
export function credentialHash(headers: Headers): string {
  return hash(Object.entries(headers).filter(([name]) => !INCIDENTAL.has(name)));
}

/**
 * A stand-in for a name where the webhook gives none: `credential:` and 32 hex digits, or `anonymous`. Cookies tell who
 * calls where nothing else does: load balancers set ones that change with every answer.
 */
export function unnamedIdentity(headers: Headers): string {
  const fields = Object.entries(headers);
  const credentials = fields.filter(([name]) => IDENTIFYING.includes(name));
  const found = credentials.length > 0 ? credentials : fields.filter(([name]) => name === 'Cookie');
  return found.length === 0 ? 'anonymous' : `credential:${hash(found).slice(0, 32)}`;
}

function hash(fields: readonly (readonly [string, readonly string[]])[]): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}
