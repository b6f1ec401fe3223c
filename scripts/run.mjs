// The root's commands. Runs on any Node >= 18 before anything is installed: it installs and builds what a
// command needs, does nothing when nothing changed, and then runs the command on the pinned Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.lp-installed');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

let child;
// A terminal sends Ctrl-C to every process of the group; the child decides when all is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill(signal);
  });
}

/** Parent of a process, where /proc tells it. */
function parentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[1];
  } catch {
    return undefined;
  }
}
// Whoever started this may be killed without a word: its child then ends as at SIGHUP. npm starts scripts through a
// shell, which outlives it: look one step further then.
const starters = () => `${process.ppid} ${process.env.npm_lifecycle_event && parentOf(process.ppid)}`;
const startedBy = starters();
const watch = setInterval(() => {
  if (starters() === startedBy) return;
  clearInterval(watch);
  child?.kill('SIGHUP');
}, 500);
watch.unref();

/** Runs a program to its end; standard output goes to standard error when `quiet`. Returns its exit code. */
function exec(command, args, { quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    child = spawn(command, args, {
      cwd: root,
      env: environment,
      stdio: ['inherit', quiet ? 2 : 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      child = undefined;
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

async function must(command, args, options) {
  const code = await exec(command, args, options);
  if (code !== 0) process.exit(code);
}

/** Everything that decides what an install brings. */
function manifestDigest() {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  for (const group of ['packages', 'apps', 'examples'])
    for (const name of readdirSync(join(root, group)).sort()) files.push(join(group, name, 'package.json'));
  const digest = createHash('sha256');
  for (const file of files)
    if (existsSync(join(root, file))) digest.update(file).update(readFileSync(join(root, file)));
  return digest.digest('hex');
}

async function install() {
  const digest = manifestDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  await must('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], { quiet: true });
  writeFileSync(stamp, digest);
}

const build = () => must('turbo', ['run', 'build', '--output-logs=errors-only'], { quiet: true });
const vitest = (args) =>
  must('vitest', ['run', '--reporter=default', '--reporter=./scripts/plain-summary.mjs', ...args]);

const commands = {
  ready: async () => {
    await build();
  },
  start: async (args) => {
    await build();
    await must('node', ['apps/devnet/dist/main.js', 'start', ...args]);
  },
  devnet: async (args) => {
    await build();
    await must('node', ['apps/devnet/dist/main.js', ...args]);
  },
  'first-session': async (args) => {
    await build();
    await must('node', ['examples/first-session/dist/main.js', ...args]);
  },
  bench: async (args) => {
    await build();
    await must('node', ['bench/run.ts', ...args]);
  },
  test: async (args) => {
    if (args.length > 0) {
      await build();
      return vitest(args);
    }
    await must('biome', ['check', '.']);
    await must('oxlint', ['--type-aware', '--deny-warnings']);
    await must('turbo', ['run', 'build', 'typecheck', 'check:package', '--output-logs=errors-only']);
    await vitest([]);
  },
  'test:full': async (args) => {
    await build();
    await vitest(['--config', 'vitest.full.config.ts', ...args]);
  },
};

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(commands).join(' | ')}\n`);
  process.exit(2);
}
await install();
await command(args);
