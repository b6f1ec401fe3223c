/** One flag as Go's `flag` package reads it. */
export interface GoArgument {
  /** Without dashes. */
  readonly name: string;
  readonly value: string;
}

/** Arguments that are no flags of go-livepeer, in order, and those that are. */
export interface SplitArguments {
  readonly go: readonly GoArgument[];
  readonly rest: readonly string[];
}

const FLAG = /^--?([A-Za-z0-9][\w.-]*)(?:=([\s\S]*))?$/;

/**
 * Takes go-livepeer's flags out of a command line: one dash or two, `-name value` or `-name=value`; switches take a value
 * only after `=`.
 */
export function splitGoArguments(
  argv: readonly string[],
  kindOf: (name: string) => 'value' | 'switch' | undefined,
): SplitArguments {
  const go: GoArgument[] = [];
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    const [, name = '', joined] = FLAG.exec(argument) ?? [];
    const kind = kindOf(name);
    if (kind === undefined) rest.push(argument);
    else if (joined !== undefined) go.push({ name, value: joined });
    else if (kind === 'switch') go.push({ name, value: 'true' });
    else if (at + 1 < argv.length) go.push({ name, value: argv[++at] ?? '' });
    else rest.push(argument); // the option parser complains about the missing value
  }
  return { go, rest };
}
