// Checks the package in the current folder as its users will get it: publint and "are the types wrong" over
// the packed tarball, and that nothing is packed that nobody needs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'lp-pack-'));
const run = (command, args) =>
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
try {
  const { name } = JSON.parse(readFileSync('package.json', 'utf8'));
  run('pnpm', ['pack', '--pack-destination', folder]);
  const tarball = join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.tgz')),
  );
  const packed = run('tar', ['-tzf', tarball]).trim().split('\n');
  const stray = packed.filter((file) => /\.(test|bench)\.|node_modules|\.tsbuildinfo|\.env/.test(file));
  if (stray.length > 0) throw new Error(`${name} packs files that do not belong there: ${stray.join(', ')}`);
  const check = (command, args) => {
    try {
      run(command, args);
    } catch (error) {
      process.stderr.write(`${command} refuses ${name}:\n${String(error.stdout)}\n`);
      process.exitCode = 1;
    }
  };
  check('publint', ['--strict', tarball]);
  check('attw', ['--profile', 'esm-only', '--format', 'ascii', tarball]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
