import { cpus } from 'node:os';
import type { Result } from './result.ts';

/** A table for people: one row for each figure. */
export function formatTable(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, value, better, note }) => {
      const arrow = better === 'higher' ? '>' : '<';
      return `${name.padEnd(width)}  ${value.toFixed(3).padStart(8)} ${arrow}  ${note}`;
    })
    .join('\n');
}

/** The one line of `--json` (docs/architecture.md section 10). */
export function formatJson(results: readonly Result[]): string {
  const rounded = results.map((result) => ({ ...result, value: Number(result.value.toPrecision(4)) }));
  return JSON.stringify({ machine: machine(), results: rounded });
}

function machine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown processor';
  return `${all.length} x ${model}, ${process.platform}-${process.arch}, Node ${process.versions.node}`;
}
