/** The command line or the environment cannot be used. The process ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalid-configuration';
  readonly exitCode = 2;
  /** One line per problem, each naming flag, variable and what is allowed. Values of secrets never appear. */
  readonly problems: readonly string[];

  constructor(command: string, problems: readonly string[]) {
    super(`${problems.join('\n')}\nRun ${command} --help for all options.`);
    this.problems = problems;
  }
}
