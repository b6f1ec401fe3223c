import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { TRICKLE_HEADERS } from '../headers.ts';

/** Origins whose pages may use the channels: all, or exactly these. */
export type CorsOrigins = '*' | readonly string[];

const EXPOSED = [TRICKLE_HEADERS.seq, TRICKLE_HEADERS.latest, TRICKLE_HEADERS.closed].join(', ');
const ALLOWED_HEADERS = ['Content-Type', TRICKLE_HEADERS.reset, TRICKLE_HEADERS.expectContent].join(', ');
const PREFLIGHT_SECONDS = '600';

/** Headers that let the page at the request's origin read the answer; none when it may not. */
export const corsHeaders = (
  request: IncomingMessage,
  origins: CorsOrigins | undefined,
): OutgoingHttpHeaders => {
  const { origin } = request.headers;
  if (origins === undefined || origin === undefined) return {};
  if (origins === '*') {
    return { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
  }
  if (!origins.includes(origin)) return { vary: 'Origin' };
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
    vary: 'Origin',
  };
};

/** What a preflight answers beyond `corsHeaders`. */
export const PREFLIGHT_HEADERS: OutgoingHttpHeaders = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': ALLOWED_HEADERS,
  'access-control-max-age': PREFLIGHT_SECONDS,
};
