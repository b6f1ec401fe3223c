import { stringifyJson, upstreamErrorBody } from '@lp/protocol';
import type { HttpRequest } from '@lp/runtime';
import type { RouteReply } from '@lp/runtime/testing';

/** A text answer of the reference node. */
export const nodeText = (status: number, body: string, headers: Record<string, string> = {}): RouteReply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${body}\n`,
});

/** A JSON answer, printed as Go does. */
export const nodeJson = (status: number, value: unknown): RouteReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: stringifyJson(value),
});

/** A JSON error; upstream masks that of a 500 and of a 503. `fields` are further members. */
export const nodeError = (
  status: number,
  message: string,
  headers: Record<string, string> = {},
  fields: Readonly<Record<string, unknown>> = {},
): RouteReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: upstreamErrorBody(
    status === 500 ? 'Internal Server Error' : status === 503 ? 'Service Unavailable Error' : message,
    undefined,
    fields,
  ),
});

/** A request header, whatever the case of its name. */
export const headerOf = (request: HttpRequest, name: string): string | undefined => {
  for (const [key, value] of Object.entries(request.headers ?? {})) {
    if (key.toLowerCase() === name.toLowerCase()) return value;
  }
  return undefined;
};

/** A request body as text. */
export const bodyText = ({ body }: HttpRequest): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body);
