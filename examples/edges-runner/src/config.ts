import { readFileSync } from 'node:fs';

/** How the runner is set up. */
export interface Config {
  readonly orchestratorUrl: string;
  readonly secret: string;
  readonly app: string;
  readonly priceUsdPerHour: string;
  readonly capacity: number;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where the orchestrator reaches this runner; absent: where it listens. */
  readonly publicUrl?: string;
}

/** A setting is missing or wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalid-config';
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly name: string;
  readonly about: string;
  readonly default?: string;
}

const SETTINGS = {
  orchestratorUrl: { name: 'EDGES_ORCHESTRATOR_URL', about: 'base URL of the orchestrator' },
  secretFile: { name: 'EDGES_RUNNER_SECRET_FILE', about: "file with the orchestrator's bootstrap secret" },
  app: { name: 'EDGES_APP', about: 'application id that clients ask for', default: 'lp/edges' },
  price: { name: 'EDGES_PRICE_USD_PER_HOUR', about: 'price in US dollars per hour', default: '0.5' },
  capacity: { name: 'EDGES_CAPACITY', about: 'sessions at the same time, 1 to 64', default: '1' },
  host: { name: 'EDGES_HOST', about: 'address to listen on', default: '127.0.0.1' },
  port: { name: 'EDGES_PORT', about: 'port to listen on, 0 for any free one', default: '9010' },
  publicUrl: {
    name: 'EDGES_PUBLIC_URL',
    about: 'where the orchestrator reaches this runner; default: where it listens',
    default: '',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** What `--help` prints. */
export function help(): string {
  const lines = Object.values<Setting>(SETTINGS).map(({ name, about, default: value }) => {
    const note = value === undefined ? 'required' : value === '' ? 'optional' : `default ${value}`;
    return `  ${name.padEnd(26)} ${about} (${note})`;
  });
  return [
    'edges-runner: finds the edges in each live picture, for a Livepeer orchestrator.',
    '',
    'Settings come from the environment:',
    ...lines,
    '',
  ].join('\n');
}

/**
 * Settings from the environment.
 *
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment): Config {
  const publicUrl = text(env, SETTINGS.publicUrl);
  return {
    orchestratorUrl: httpUrl(SETTINGS.orchestratorUrl, text(env, SETTINGS.orchestratorUrl)),
    secret: secretFrom(text(env, SETTINGS.secretFile)),
    app: text(env, SETTINGS.app),
    priceUsdPerHour: decimal(SETTINGS.price, text(env, SETTINGS.price)),
    capacity: integer(SETTINGS.capacity, text(env, SETTINGS.capacity), 1, 64),
    host: text(env, SETTINGS.host),
    port: integer(SETTINGS.port, text(env, SETTINGS.port), 0, 65_535),
    ...(publicUrl !== '' && { publicUrl: httpUrl(SETTINGS.publicUrl, publicUrl) }),
  };
}

function text(env: Environment, setting: Setting): string {
  const value = env[setting.name]?.trim() || setting.default;
  if (value === undefined) throw new ConfigError(`${setting.name} is missing: ${setting.about}`);
  return value;
}

function httpUrl({ name }: Setting, value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new ConfigError(`${name} must be an http(s) URL`);
}

function decimal({ name }: Setting, value: string): string {
  if (/^\d{1,9}(\.\d{1,18})?$/.test(value) && /[1-9]/.test(value)) return value;
  throw new ConfigError(`${name} must be a positive decimal such as 0.5`);
}

function integer({ name }: Setting, value: string, least: number, most: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  throw new ConfigError(`${name} must be a whole number from ${least} to ${most}`);
}

function secretFrom(file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`${SETTINGS.secretFile.name} cannot be read`, { cause });
  }
  if (secret === '') throw new ConfigError(`${SETTINGS.secretFile.name} is empty`);
  return secret;
}
