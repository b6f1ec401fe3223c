/**
 * `node bench/run.ts [--json] [name ...]`: measures and prints a table; with `--json` the last line is JSON. Names are
 * prefixes (`pm.sign`); without any, everything runs but what takes minutes.
 */
import { benchSigning } from './pm-sign.ts';
import { benchVerifying } from './pm-verify.ts';
import { formatJson, formatTable } from './report.ts';
import type { Benchmark, Result } from './result.ts';
import { benchOverpaying } from './session-overpay.ts';
import { benchSignerMemory } from './signer-memory.ts';
import { benchSignerPayments } from './signer-payments.ts';
import { benchSignerWorkers } from './signer-workers.ts';

/** In the order of docs/architecture.md section 10; each with the prefix of the names it measures. */
const BENCHMARKS: readonly (readonly [prefix: string, run: Benchmark])[] = [
  ['pm.sign', benchSigning],
  ['pm.verify', benchVerifying],
  ['signer.payments.crypto-ratio', benchSignerPayments],
  ['signer.payments.workers-ratio', benchSignerWorkers],
  ['session.overpay-ratio', benchOverpaying],
];
/** Run when they are named. */
const LONG: typeof BENCHMARKS = [['signer.memory.million-ratio', benchSignerMemory]];

const args = process.argv.slice(2);
const wanted = args.filter((argument) => argument !== '--json');
const chosen =
  wanted.length === 0
    ? BENCHMARKS
    : [...BENCHMARKS, ...LONG].filter(([prefix]) =>
        wanted.some((name) => name.startsWith(prefix) || prefix.startsWith(name)),
      );
if (chosen.length === 0) {
  console.error(
    `no benchmark is called ${wanted.join(' or ')}; there are: ${[...BENCHMARKS, ...LONG].map(([name]) => name).join(', ')}`,
  );
  process.exit(2);
}

const results: Result[] = [];
for (const [, run] of chosen) results.push(...(await run()));
console.log(formatTable(results));
if (args.includes('--json')) console.log(formatJson(results));
