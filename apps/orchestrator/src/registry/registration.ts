import { JsonDecimal } from '@lp/protocol';
import { Refusal } from '../errors.ts';

/** What a runner charges, as it registers: US dollars by the hour (live-runner.md section 11.1). */
export interface RegisteredPrice {
  /** Positive decimal text, exact. */
  readonly usd: string;
  readonly unit: 'hour' | '720p' | 'fixed';
}

/** A runner as it describes itself, checked (live-runner.md sections 4.1 and 5). */
export interface Registration {
  readonly runnerUrl: URL;
  readonly app: string;
  readonly version: string;
  readonly metadata: string;
  readonly label: string;
  readonly ready: boolean;
  readonly mode: 'persistent' | 'single-shot';
  readonly gpu?: { readonly id?: string; readonly name?: string; readonly vram_mb?: number };
  /** Sessions at a time, at least 1. */
  readonly capacity: number;
  readonly price?: RegisteredPrice;
}

const bad = (message: string, code: string): Refusal => new Refusal(400, message, { code });

/** Upstream has no limit; every runner is in one discovery answer, and clients refuse one beyond 8 MiB. */
const MAX_NAME = 256;
const MAX_URL = 2048;

/** A text field: absent and null count as empty. */
function textField(body: Record<string, unknown>, name: string): string {
  const value = body[name] ?? '';
  if (typeof value !== 'string')
    throw bad(`${name} must be a string`, `invalid-${name.replaceAll('_', '-')}`);
  return value;
}

/** A text field that is shown to clients. */
function nameField(body: Record<string, unknown>, name: string): string {
  const value = textField(body, name);
  if (value.length > MAX_NAME) throw bad(`${name} must be at most ${MAX_NAME} characters`, `invalid-${name}`);
  return value;
}

/** Parses an absolute http(s) URL with a host; undefined for anything else. */
export function absoluteHttpUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.host !== '' ? url : undefined;
}

function mode(text: string): Registration['mode'] {
  switch (text) {
    case '':
    case 'persistent':
      return 'persistent';
    case 'single-shot':
    case 'single_shot':
      return 'single-shot';
    default:
      throw bad('mode must be "persistent" or "single-shot"', 'invalid-mode');
  }
}

const isName = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_NAME;

function gpu(value: unknown): Registration['gpu'] {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return { id: String(value) };
  if (typeof value !== 'object' || Array.isArray(value))
    throw bad('gpu must be an object or an index', 'invalid-gpu');
  const { id, name, vram_mb: vram } = value as Record<string, unknown>; // fields are checked on the next lines
  if (![id, name].every((field) => field === undefined || field === null || isName(field)))
    throw bad(`gpu.id and gpu.name must be strings of at most ${MAX_NAME} characters`, 'invalid-gpu');
  if (vram !== undefined && vram !== null && !(typeof vram === 'number' && Number.isSafeInteger(vram)))
    throw bad('gpu.vram_mb must be an integer', 'invalid-gpu');
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof vram === 'number' ? { vram_mb: vram } : {}),
  };
}

function capacity(value: unknown): number {
  const given = value ?? 0;
  if (typeof given !== 'number' || !Number.isSafeInteger(given))
    throw bad('capacity must be an integer', 'invalid-capacity');
  if (given < 0) throw bad('capacity must be >= 0', 'invalid-capacity');
  return given === 0 ? 1 : given;
}

const POSITIVE_DECIMAL = /^(?=.*[1-9])\d{1,40}(\.\d{1,40})?$/;
const WITH_EXPONENT = /^(?=[\d.]*[1-9])\d{1,40}(\.\d{1,40})?[eE][+-]?\d{1,3}$/;

/** A JSON number or a string, as it was written; empty for anything else. */
function decimalText(value: unknown): string {
  if (value instanceof JsonDecimal) return value.text;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value).trim()
    : '';
}

function price(value: unknown): RegisteredPrice {
  const required = bad('price_info.price is required', 'price-required');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw required;
  const info = value as Record<string, unknown>; // fields are checked below
  if (info['price'] === undefined || info['price'] === null || info['price'] === '') throw required;
  const usd = decimalText(info['price']);
  if (!POSITIVE_DECIMAL.test(usd) && !WITH_EXPONENT.test(usd))
    throw bad('price_info.price must be a positive decimal', 'invalid-price');
  const currency = textField(info, 'currency').trim().toLowerCase();
  if (currency !== '' && currency !== 'usd') throw bad('price_info.currency must be usd', 'invalid-currency');
  const unit = textField(info, 'unit').trim().toLowerCase() || 'hour';
  if (unit !== 'hour' && unit !== '720p' && unit !== 'fixed')
    throw bad('price_info.unit must be hour, 720p, or fixed', 'invalid-unit');
  return { usd, unit };
}

/**
 * Checks a registration in upstream's order: URL, app, metadata, status, mode, capacity, price.
 *
 * @throws Refusal 400 with upstream's words.
 */
export function parseRegistration(body: unknown, options: { priced: boolean }): Registration {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw bad('request body must be a JSON object', 'invalid-body');
  const fields = body as Record<string, unknown>; // every field is checked where it is read
  const runnerUrl = absoluteHttpUrl(textField(fields, 'runner_url'));
  if (runnerUrl === undefined || runnerUrl.href.length > MAX_URL)
    throw bad('invalid runner_url', 'invalid-runner-url');
  const app = textField(fields, 'app');
  if (app === '' || app !== app.trim()) throw bad('app must be trimmed', 'invalid-app');
  if (app.length > 256) throw bad('app must be at most 256 characters', 'invalid-app');
  const metadata = textField(fields, 'metadata');
  if (Buffer.byteLength(metadata) > 1024 || metadata.includes('\uFFFD'))
    throw bad('metadata must be valid UTF-8 of at most 1024 bytes', 'invalid-metadata');
  const status = textField(fields, 'status');
  if (status !== status.trim().toLowerCase())
    throw bad('status must be lower case and trimmed', 'invalid-status');
  const parsedMode = mode(textField(fields, 'mode'));
  const parsedGpu = gpu(fields['gpu']);
  const sessions = capacity(fields['capacity']);
  const parsedPrice = options.priced ? price(fields['price_info']) : undefined;
  if (parsedMode === 'single-shot' || parsedPrice?.unit === 'fixed')
    throw bad(
      'this orchestrator serves persistent runners priced by time; single-shot and fixed prices are not served',
      'not-served',
    );
  return {
    runnerUrl,
    app,
    metadata,
    version: nameField(fields, 'version'),
    label: nameField(fields, 'label'),
    ready: status === '' || status === 'ready',
    mode: parsedMode,
    capacity: sessions,
    ...(parsedGpu === undefined ? {} : { gpu: parsedGpu }),
    ...(parsedPrice === undefined ? {} : { price: parsedPrice }),
  };
}
