import type { ErrorReply } from './error-reply.ts';
import { asHttpError } from './http-error.ts';

/** Problem details of RFC 9457 with our stable `code`. `type` is `urn:lp:problem:<code>`. */
export interface Problem {
  readonly type: string;
  /** Same for every occurrence of the code. */
  readonly title: string;
  readonly status: number;
  /** This occurrence, in words. */
  readonly detail: string;
  readonly code: string;
  /** What to do next. */
  readonly hint?: string;
  /** `urn:lp:request:<request id>`. */
  readonly instance?: string;
  readonly [field: string]: unknown;
}

/** Any error as `application/problem+json`; for apps that have no error envelope of upstream to keep. */
export function problemJson(
  error: unknown,
  request?: { readonly id: string },
): ErrorReply & { body: Problem } {
  const known = asHttpError(error);
  const title = known.code.replaceAll('-', ' ');
  return {
    status: known.status,
    contentType: 'application/problem+json; charset=utf-8',
    headers: known.headers,
    body: {
      ...known.fields,
      type: `urn:lp:problem:${known.code}`,
      title: title.charAt(0).toUpperCase() + title.slice(1),
      status: known.status,
      detail: known.message,
      code: known.code,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      ...(request === undefined ? {} : { instance: `urn:lp:request:${request.id}` }),
    },
  };
}
