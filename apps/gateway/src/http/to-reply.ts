import { HttpError, problemJson, type ToReply } from '@lp/service';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { NoRunnerError } from '../port/session-port.ts';

/** Words every error of the gateway as problem details. */
export const toReply: ToReply = (error, request) => {
  if (error instanceof NoRunnerError) return problemJson(noRunner(error), request);
  if (hasZodFastifySchemaValidationErrors(error)) return problemJson(invalid(error), request);
  return problemJson(error, request);
};

function noRunner(error: NoRunnerError): HttpError {
  const refusals = error.refusals.map((refusal) => ({ ...refusal, runner: refusal.runner ?? null }));
  return new HttpError(503, error.code, error.message, {
    hint: 'see refusals: each runner says why not; GET /runners shows what is on offer',
    fields: { refusals, lostWei: `${error.lostWei}` },
    headers: { 'retry-after': '5' },
    cause: error,
  });
}

function invalid(error: {
  validation: readonly { instancePath: string; message?: string | undefined }[];
}): HttpError {
  const fields = error.validation.map(({ instancePath, message }) => ({
    path: instancePath || '/',
    message,
  }));
  const first = fields[0];
  return new HttpError(
    400,
    'invalid-request',
    `${first?.path ?? '/'}: ${first?.message ?? 'not as described'}`,
    {
      hint: 'see /docs for what this route takes',
      fields: { fields },
    },
  );
}
