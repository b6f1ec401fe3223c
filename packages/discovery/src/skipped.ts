/** Why an entry of a discovery list was not used. */
export type SkipCode =
  | 'not-an-object'
  | 'invalid-address'
  | 'invalid-url'
  | 'invalid-app'
  | 'invalid-capacity'
  | 'invalid-metadata'
  | 'invalid-runners'
  | 'too-many'
  /** The runner is kept, without a price. */
  | 'invalid-price';

/** A runner, or a whole entry, that was left out; the rest of the list is not affected. */
export interface SkippedRunner {
  readonly code: SkipCode;
  /** What was wrong; never repeats peer-given text. */
  readonly message: string;
  /** Where in the list, for example `[3].runners[0]`. */
  readonly path: string;
}
