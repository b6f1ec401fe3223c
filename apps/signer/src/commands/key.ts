import { createHash } from 'node:crypto';
import { systemRandom } from '@lp/runtime';
import { type Output, terminal } from './output.ts';

const HELP = `Usage: lp-signer key new <name>

Makes an API key for a caller: prints the key, once, and the line for the file of --api-keys-file, which does not hold it.
The name has letters, digits and _ . @ -; several keys may have one name. SIGHUP makes a running signer read the file again.
`;

/** `lp-signer key new <name>`. */
export async function keyCommand(argv: readonly string[], { out, err }: Output = terminal): Promise<number> {
  const [verb, name = '', ...rest] = argv;
  if (argv.includes('--help')) {
    out(HELP);
    return 0;
  }
  if (verb !== 'new' || rest.length > 0 || !/^[\w.@-]{1,64}$/.test(name)) {
    err(HELP);
    return 2;
  }
  const { key, line } = newApiKey(name, systemRandom);
  out(`key (shown once): ${key}\nline to store:    ${line}\n`);
  return 0;
}

/** A key of 256 random bits and the line that stands for it. */
export function newApiKey(
  name: string,
  random: { bytes(length: number): Uint8Array },
): { readonly key: string; readonly line: string } {
  const key = `lps_${Buffer.from(random.bytes(32)).toString('base64url')}`;
  return { key, line: `${name} sha256:${createHash('sha256').update(key).digest('hex')}` };
}
