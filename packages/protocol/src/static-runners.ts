import * as z from 'zod/mini';
import { appName, capacity, metadata, runnerGpu, runnerMode, runnerUrl } from './runner-fields.ts';
import { rule } from './scalars.ts';

const staticRunner = z
  .object({
    label: z
      .string({ error: 'label is required' })
      .check(rule((label) => label !== '' && label === label.trim(), 'label must be non-empty and trimmed')),
    routing: z._default(
      z.enum(['runner-id', 'label'], { error: 'routing must be runner-id or label' }),
      'runner-id',
    ),
    runner_url: runnerUrl,
    app: appName,
    version: z.exactOptional(z.string()),
    metadata: z.exactOptional(metadata),
    mode: z._default(runnerMode, 'persistent'),
    capacity: z._default(capacity, 1),
    gpu: z.exactOptional(runnerGpu),
    proxy: z.exactOptional(z.boolean()),
    /** Read it with `runnerPrice`; ignored off-chain. */
    price_info: z.exactOptional(z.unknown()),
    /** Absolute, or a path that starts with `/` and is appended to `runner_url`. */
    health_url: z
      .string({ error: 'health_url is required' })
      .check(rule((url) => url.startsWith('/') || URL.canParse(url), 'invalid health_url')),
    healthy_status_code: z._default(
      z
        .int()
        .check(rule((status) => status >= 100 && status <= 599, 'healthy_status_code must be 100 to 599')),
      200,
    ),
  })
  .check(
    rule(
      ({ routing, label }) => routing !== 'label' || !label.includes('/'),
      'label must not contain "/" when routing is label',
    ),
  );

/** Static runners, from a file or `POST /registerLiveRunners` (live-runner.md section 5). Labels are unique. */
export const staticRunnerConfig = z.object({
  runners: z.array(staticRunner).check(
    z.superRefine((runners, context) => {
      const seen = new Set<string>();
      for (const [index, { label }] of runners.entries()) {
        if (seen.has(label)) {
          context.addIssue({ code: 'custom', message: 'duplicate label', path: [index, 'label'] });
        }
        seen.add(label);
      }
    }),
  ),
});

/** One configured runner, defaults filled in. */
export type StaticRunner = z.output<typeof staticRunner>;
