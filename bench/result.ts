/** One figure: a ratio measured side by side in one run, or a count; never an absolute time. */
export interface Result {
  /** A name of docs/architecture.md section 10. */
  readonly name: string;
  readonly value: number;
  readonly better: 'higher' | 'lower';
  /** What was measured, how often, and how far the rounds lay apart. */
  readonly note: string;
}

/** Measures one or more figures. */
export type Benchmark = () => Promise<readonly Result[]>;
