import type { Transport } from '@lp/runtime';
import { ConfigError } from '@lp/service';
import { parseHeaderList } from '../header-list.ts';
import { jsonLinesSink, type UsageSink, webhookSink } from './usage-sink.ts';

/**
 * The sink of the options; `undefined` for none.
 *
 * @throws ConfigError for two of them; HeaderListError.
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
  if (usageFile !== undefined) return jsonLinesSink(usageFile);
  if (url === undefined) return undefined;
  return webhookSink({ url, headers: parseHeaderList(usageWebhookHeaders), transport });
}
