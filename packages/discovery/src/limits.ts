/** Largest discovery answer that is read, in bytes: room for about 10,000 runners. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024;
/** The same for an orchestrator's own `/discovery`, as in go-livepeer (remote-signer.md section 4, step 2). */
export const MAX_OWN_LIST_BYTES = 1024 * 1024;
/** Runners read from one answer; the others are skipped. */
export const MAX_RUNNERS = 10_000;
/** Problems reported for one answer; more are only counted. */
export const MAX_SKIPPED = 1_000;
/** Longest name of an app, version or GPU, in characters. */
export const MAX_NAME = 256;
/** Longest `metadata`, in bytes of UTF-8 (live-runner.md section 4.1). */
export const MAX_METADATA_BYTES = 1024;
