/** Runs a command on its arguments; resolves to the exit code. */
export type RunCommand = (argv: readonly string[]) => Promise<number>;

/** A word after `lp-signer` that does something else than serve. */
export interface Command {
  readonly describe: string;
  /** Loaded only when called: serving must not pay for it at start. */
  readonly load: () => Promise<RunCommand>;
}

/** All commands by name: a new one is a row here. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'key',
    {
      describe: 'make an API key for a caller',
      load: async () => (await import('./key.ts')).keyCommand,
    },
  ],
  [
    'fund',
    {
      describe: 'move ETH of the account into its deposit and reserve',
      load: async () => (await import('./account-commands.ts')).fundCommand,
    },
  ],
  [
    'unlock',
    {
      describe: 'begin the unlock period of deposit and reserve, or take it back',
      load: async () => (await import('./account-commands.ts')).unlockCommand,
    },
  ],
  [
    'withdraw',
    {
      describe: 'take deposit and reserve out after the unlock period',
      load: async () => (await import('./account-commands.ts')).withdrawCommand,
    },
  ],
  [
    'migrate',
    {
      describe: "say what go-livepeer's flags become",
      load: async () => (await import('./migrate.ts')).migrateCommand,
    },
  ],
  [
    'doctor',
    {
      describe: 'look at everything that payments need, and say what to do',
      load: async () => (await import('./doctor.ts')).doctorCommand,
    },
  ],
  [
    'usage',
    {
      describe: 'export usage per caller and period',
      load: async () => (await import('./usage.ts')).usageCommand,
    },
  ],
  [
    'reconcile',
    {
      describe: 'compare tickets issued with what the chain paid out',
      load: async () => (await import('./reconcile.ts')).reconcileCommand,
    },
  ],
]);
