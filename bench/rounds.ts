/** One side of a comparison: does `count` operations. */
export type Side = (count: number) => void | Promise<void>;

/** How fast one side is in terms of the other. */
export interface Comparison {
  /** Rate of `subject` over rate of `baseline`: median of the rounds. */
  readonly ratio: number;
  /** First and third quartile of the rounds. */
  readonly spread: readonly [number, number];
  readonly rounds: number;
}

const ROUNDS = 60;
const ROUND_MS = 12;
const WARM_UP_MS = 400;

/**
 * Compares two rates within one process. The sides take turns in rounds of a few milliseconds, the first of a round
 * alternates, and the median of the rounds counts: what else runs on the machine hits both sides alike, or falls out.
 */
export async function compare(subject: Side, baseline: Side): Promise<Comparison> {
  const subjectCount = await countFor(subject);
  const baselineCount = await countFor(baseline);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const subjectFirst = round % 2 === 0;
    const first = subjectFirst ? await time(subject, subjectCount) : await time(baseline, baselineCount);
    const second = subjectFirst ? await time(baseline, baselineCount) : await time(subject, subjectCount);
    const [subjectMs, baselineMs] = subjectFirst ? [first, second] : [second, first];
    ratios.push(subjectCount / subjectMs / (baselineCount / baselineMs));
  }
  ratios.sort((a, b) => a - b);
  return {
    ratio: quantile(ratios, 0.5),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    rounds: ROUNDS,
  };
}

/** How far the rounds lay apart, for the note of a figure. */
export function describeSpread({ spread, rounds }: Comparison): string {
  return `quartiles ${spread[0].toFixed(3)} to ${spread[1].toFixed(3)} of ${rounds} rounds`;
}

/** Warms the side up, then says how many operations fill one round. */
async function countFor(side: Side): Promise<number> {
  let count = 1;
  let elapsed = 0;
  for (let total = 0; total < WARM_UP_MS; total += elapsed) {
    elapsed = await time(side, count);
    if (elapsed < ROUND_MS) count *= 2;
  }
  return Math.max(1, Math.round((count * ROUND_MS) / elapsed));
}

async function time(side: Side, count: number): Promise<number> {
  const start = performance.now();
  await side(count);
  return performance.now() - start;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
}
