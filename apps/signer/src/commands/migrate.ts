import { systemClock } from '@lp/runtime';
import { ConfigError, loadConfig } from '@lp/service';
import { findKeystore } from '../keys/find-keystore.ts';
import { messageOf } from '../message-of.ts';
import { translateGoFlags } from '../migrate/translate-go-flags.ts';
import { options } from '../options.ts';
import { policyOf } from '../policy.ts';
import { type Output, terminal } from './output.ts';

const HELP = `Usage: lp-signer migrate --check -- <flags of go-livepeer>

Says what each flag of go-livepeer's remote signer becomes here, what would change, and whether lp-signer would start with
them. Starts nothing. lp-signer takes the same flags itself. Ends with 0 when it would start, with 1 when not.
`;

/** What is different whichever flags are given. */
const DIFFERENCES = [
  'every route but /healthz asks for the caller where a way to tell callers is configured, not payments only',
  'Signer-Auth-Id is believed from callers of --trusted-proxies only',
  'ManifestID defaults to the session id of the challenge, and stays once it is named; a state may be used once',
  'error bodies have error.code besides error.message',
  'going back: states issued here are read by go-livepeer under the same key',
];

/** `lp-signer migrate --check -- ...` */
export async function migrateCommand(
  argv: readonly string[],
  { out, err }: Output = terminal,
): Promise<number> {
  if (argv.includes('--help') && argv[0] !== '--check') {
    out(HELP);
    return 0;
  }
  const [check, ...rest] = argv;
  if (check !== '--check') {
    err(HELP);
    return 2;
  }
  const translated = translateGoFlags(rest[0] === '--' ? rest.slice(1) : rest);
  for (const { name, value, options: ours, note, refused } of translated.flags) {
    const becomes = refused !== undefined ? 'REFUSED' : ours.length === 0 ? 'dropped' : ours.join(', ');
    out(`-${name} ${value}\n    ${becomes}\n`);
    for (const line of [refused, note]) if (line !== undefined) out(`    ${line}\n`);
  }
  const problems = [
    ...translated.flags.flatMap(({ name, refused }) =>
      refused === undefined ? [] : [`-${name}: ${refused}`],
    ),
    ...(await problemsOf(translated, out)),
  ];
  out(`\nWhat changes:\n${DIFFERENCES.map((line) => `  - ${line}\n`).join('')}`);
  if (problems.length === 0) {
    out('\nlp-signer would start with these flags.\n');
    return 0;
  }
  out(`\nlp-signer would not start:\n${problems.map((line) => `  - ${line}\n`).join('')}`);
  return 1;
}

/** What would stop a start; says where it would listen and whose key it would use. */
async function problemsOf(
  { argv, env }: ReturnType<typeof translateGoFlags>,
  out: Output['out'],
): Promise<readonly string[]> {
  try {
    const loaded = loadConfig(options, { argv, env: { ...process.env, ...env } });
    if (loaded.kind === 'print') return [];
    const { config } = loaded;
    out(`\nlistens on ${config.host}:${config.port}\n`);
    const noNetwork = () => Promise.reject(new Error('nothing is asked here'));
    policyOf(config, {
      transport: { request: noNetwork, stream: noNetwork },
      clock: systemClock,
      weiPerUsd: () => ({ n: 1n, d: 1n }),
    });
    if (config.externalSignerUrl === undefined) {
      const { path, warning } = await findKeystore(config.keystoreFile ?? '', config.account);
      out(`key of ${path}\n`);
      if (warning !== undefined) out(`  ${warning}\n`);
      if (config.password === undefined && config.keystorePassword === undefined) {
        return ['the password of the keystore is missing: -ethPassword <file>'];
      }
    }
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    return [messageOf(error)];
  }
}
