/** Header names of trickle (trickle.md section 2), as they are written. */
export const TRICKLE_HEADERS = {
  seq: 'Lp-Trickle-Seq',
  latest: 'Lp-Trickle-Latest',
  closed: 'Lp-Trickle-Closed',
  reset: 'Lp-Trickle-Reset',
  expectContent: 'Expect-Content',
} as const;

/** Value of `Lp-Trickle-Closed`. */
export const TERMINATED = 'terminated';

/** Status of a GET for a segment that the channel does not have. */
export const SEGMENT_UNAVAILABLE = 470;
