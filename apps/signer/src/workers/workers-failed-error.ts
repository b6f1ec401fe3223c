/** Workers cannot be started: what they wrote says why. */
export class WorkersFailedError extends Error {
  override readonly name = 'WorkersFailedError';
  readonly code = 'workers-failed';
  /** 2 when the worker blamed the configuration, else 1. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
