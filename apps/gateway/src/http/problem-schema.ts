import { z } from 'zod';

/** The body of every answer that is not a success (RFC 9457). */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable: what programs test.' }),
    hint: z.string().optional(),
    instance: z.string().optional(),
  })
  .meta({ description: 'Problem details.' });

/** A runner that was not used, and why. */
export const refusalSchema = z.object({
  orchestrator: z.string(),
  runner: z.string().nullable(),
  code: z.string(),
  message: z.string(),
});
