import { systemClock } from '@lp/runtime';
import { defineOptions, loadConfig, toggle } from '@lp/service';
import { openStore } from '../ledger/open-ledger.ts';
import { options } from '../options.ts';
import { usageCsv, usageJson, usageLines } from '../usage/usage-report.ts';
import { type Output, terminal } from './output.ts';
import { hour } from './period.ts';

const { ledger, dataDir, postgresUrl } = options.rows;

const usageOptions = defineOptions({
  name: 'lp-signer usage',
  prefix: options.prefix,
  describe:
    'Exports what callers used from --from until before --to: per caller, app, orchestrator, recipient, model and unit, in whole wei, exactly what the ledger has.',
  rows: {
    from: hour('First hour.'),
    to: hour('Hour after the last.'),
    csv: toggle({ describe: 'CSV instead of JSON.' }),
    json: toggle({ describe: 'JSON: the default.' }),
    ledger,
    dataDir,
    postgresUrl,
  },
});

/** `lp-signer usage`. */
export async function usageCommand(argv: readonly string[], { out }: Output = terminal): Promise<number> {
  const loaded = loadConfig(usageOptions, { argv });
  if (loaded.kind === 'print') {
    out(loaded.text);
    return 0;
  }
  const { from, to, csv } = loaded.config;
  const store = await openStore(loaded.config, undefined, systemClock);
  try {
    const lines = usageLines(await store.usage(from, to));
    const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    out(csv ? usageCsv(lines) : usageJson(lines, period));
  } finally {
    await store.close();
  }
  return 0;
}
