import type { Listing, Problem, Receipt, Session, Settings } from './api-types.ts';

const KEY = 'lp-gateway-key';

/** The API key, kept for this tab only. Empty: none. */
export function apiKey(): string {
  return sessionStorage.getItem(KEY) ?? '';
}

export function rememberApiKey(key: string): void {
  sessionStorage.setItem(KEY, key.trim());
}

/** An answer that is not a success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.detail);
    this.status = status;
    this.problem = problem;
  }
}

export function authorization(): Record<string, string> {
  const key = apiKey();
  return key === '' ? {} : { authorization: `Bearer ${key}` };
}

async function call<T>(method: string, path: string, body?: unknown, keepalive = false): Promise<T> {
  const response = await fetch(path, {
    method,
    keepalive,
    headers: { ...authorization(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const unknown: Problem = { detail: `the gateway answered ${response.status}`, code: 'unknown' };
  throw new ApiError(response.status, (answer as Problem | undefined) ?? unknown);
}

export const getSettings = (): Promise<Settings> => call('GET', '/settings');
export const getRunners = (): Promise<Listing> => call('GET', '/runners');
export const openSession = (request: {
  app: string;
  params: unknown;
  maxSpendWei?: string;
}): Promise<Session> => call('POST', '/sessions', request);
export const closeSession = (id: string, keepalive = false): Promise<Receipt> =>
  call('DELETE', `/sessions/${id}`, undefined, keepalive);
