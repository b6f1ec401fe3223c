import { Refusal } from '../errors.ts';
import { absoluteHttpUrl, parseRegistration, type Registration } from './registration.ts';
import type { HealthProbe } from './runner.ts';

/** One entry of the static runner file, checked (live-runner.md section 5). */
export interface StaticRunnerConfig {
  readonly registration: Registration;
  readonly routing: 'runner-id' | 'label';
  readonly health: HealthProbe;
}

/**
 * Checks `{"runners":[…]}`; one bad entry refuses all of it.
 *
 * @throws Refusal 400 `runners[i]: reason`.
 */
export function parseStaticRunners(
  body: unknown,
  options: { priced: boolean },
): readonly StaticRunnerConfig[] {
  const runners =
    typeof body === 'object' && body !== null && 'runners' in body && Array.isArray(body.runners)
      ? (body.runners as unknown[])
      : undefined;
  if (runners === undefined) throw new Refusal(400, 'runners must be a list', { code: 'invalid-body' });
  const labels = new Set<string>();
  return runners.map((entry, index) => {
    try {
      return parseEntry(entry, labels, options);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(400, `runners[${index}]: ${error.message}`, { code: error.code, cause: error });
    }
  });
}

function parseEntry(entry: unknown, labels: Set<string>, options: { priced: boolean }): StaticRunnerConfig {
  const registration = parseRegistration(entry, options);
  const fields = entry as Record<string, unknown>; // parseRegistration refused everything but objects
  const { label } = registration;
  if (label === '' || label !== label.trim())
    throw new Refusal(400, 'label must be set and trimmed', { code: 'invalid-label' });
  if (labels.has(label)) throw new Refusal(400, `label ${label} is used twice`, { code: 'invalid-label' });
  labels.add(label);
  const routing = fields['routing'] ?? 'runner-id';
  if (routing !== 'runner-id' && routing !== 'label')
    throw new Refusal(400, 'routing must be "runner-id" or "label"', { code: 'invalid-routing' });
  if (routing === 'label' && label.includes('/'))
    throw new Refusal(400, 'label must not contain "/" when it is routed by', { code: 'invalid-label' });
  return { registration, routing, health: healthProbe(fields, registration.runnerUrl) };
}

function healthProbe(fields: Record<string, unknown>, runnerUrl: URL): HealthProbe {
  const invalid = new Refusal(400, 'health_url must be an absolute URL or a path', {
    code: 'invalid-health-url',
  });
  const given = fields['health_url'];
  if (typeof given !== 'string' || given === '') throw invalid;
  const url = given.startsWith('/') ? `${runnerUrl.href.replace(/\/$/, '')}${given}` : given;
  if (absoluteHttpUrl(url) === undefined) throw invalid;
  const code = fields['healthy_status_code'] ?? 200;
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 100 || code > 599)
    throw new Refusal(400, 'healthy_status_code must be 100 to 599', { code: 'invalid-health-status' });
  return { url, healthyStatusCode: code };
}
