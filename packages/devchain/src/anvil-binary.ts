import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** The package that carries the executable, by platform and architecture. */
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@foundry-rs/anvil-darwin-arm64',
  'darwin-x64': '@foundry-rs/anvil-darwin-amd64',
  'linux-arm64': '@foundry-rs/anvil-linux-arm64',
  'linux-x64': '@foundry-rs/anvil-linux-amd64',
  'win32-x64': '@foundry-rs/anvil-win32-amd64',
};

/**
 * Path of the anvil executable. It lies in a platform package that `@foundry-rs/anvil` depends on optionally; no
 * install script is needed.
 *
 * @throws `Error` when there is none for this machine
 */
export function anvilBinary(): string {
  const machine = `${process.platform}-${process.arch}`;
  const name = PACKAGES[machine];
  if (name === undefined) throw new Error(`anvil has no build for ${machine}`);
  const require = createRequire(import.meta.url);
  // The platform package is a dependency of @foundry-rs/anvil, not of ours: look it up from there. That package
  // exports no package.json by rule of thumb, but its executable script can always be resolved.
  const parent = createRequire(require.resolve('@foundry-rs/anvil/bin.mjs'));
  try {
    const manifest = parent.resolve(`${name}/package.json`);
    return `${dirname(manifest)}/bin/${process.platform === 'win32' ? 'anvil.exe' : 'anvil'}`;
  } catch (cause) {
    throw new Error(`${name} is not installed: install with optional dependencies`, { cause });
  }
}
