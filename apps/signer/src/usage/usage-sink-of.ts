import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Transport } from '@lp/runtime';
import { ConfigError } from '@lp/service';
import { parseHeaderList } from '../header-list.ts';
import { messageOf } from '../message-of.ts';
import { jsonLinesSink, type UsageSink, webhookSink } from './usage-sink.ts';

/**
 * The sink of the options; `undefined` for none.
 *
 * @throws ConfigError for two of them, or a file that cannot be written; HeaderListError.
 */
export function usageSinkOf(
  config: {
    readonly usageFile: string | undefined;
    readonly usageWebhookUrl: string | undefined;
    readonly usageWebhookHeaders: string | undefined;
  },
  transport: Transport,
): UsageSink | undefined {
  const { usageFile, usageWebhookUrl: url, usageWebhookHeaders = '' } = config;
  if (usageFile !== undefined && url !== undefined) {
    throw new ConfigError('lp-signer', ['--usage-file and --usage-webhook-url: choose one']);
  }
  if (usageFile !== undefined) {
    checkWritable(usageFile);
    return jsonLinesSink(usageFile);
  }
  if (url === undefined) return undefined;
  return webhookSink({ url, headers: parseHeaderList(usageWebhookHeaders), transport });
}

/** Told at the start, not with the first event. Nothing is opened: opening a pipe waits for its reader. */
function checkWritable(path: string): void {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ConfigError('lp-signer', [`--usage-file (LP_SIGNER_USAGE_FILE) cannot be written: ${reason}`]);
  }
}
