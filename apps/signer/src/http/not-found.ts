import type { ErrorReply } from '@lp/service';

/** Paths of the API and the methods they take (remote-signer.md section 1). */
const METHODS: ReadonlyMap<string, string> = new Map([
  ['/sign-orchestrator-info', 'POST'],
  ['/generate-live-payment', 'POST'],
  ['/discover-orchestrators', 'GET, HEAD'],
  ['/healthz', 'GET, HEAD'],
  ['/openapi.json', 'GET, HEAD'],
]);

/** Unknown paths are 404, known ones with another method 405 with `Allow`: both plain text, as Go answers. */
export function notFoundReply(url: string): ErrorReply {
  const allow = METHODS.get(url.split('?', 1)[0] ?? '');
  if (allow === undefined) return { status: 404, body: '404 page not found\n' };
  return { status: 405, body: 'Method Not Allowed\n', headers: { allow } };
}
