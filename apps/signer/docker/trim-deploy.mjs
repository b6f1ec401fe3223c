// Takes out of a `pnpm deploy` folder what no running program reads: types, source maps, sources, C code, and prebuilt
// addons of other platforms. Prints the size before and after, in bytes.
//   node trim-deploy.mjs <folder> [--musl]
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, libc] = process.argv.slice(2);
if (folder === undefined) throw new Error('say which folder');
const musl = libc === '--musl';
const { platform, arch } = process;

const NEEDLESS = /\.(map|d\.ts|d\.cts|d\.mts|ts|mts|cts|md|c|cc|cpp|h|hpp|o|gyp|gypi|tsbuildinfo)$/i;
const SOURCES = new Set(['deps', 'binding.gyp']);

/** Whether an addon is for this machine; the names are those of prebuildify and of better-sqlite3. */
function isForeign(path) {
  const name = path.slice(path.indexOf('/prebuilds/') + 11);
  if (!name.includes(arch) || !name.includes(platform)) return true;
  return name.includes('linux') && name.includes('musl') !== musl && /musl|glibc/.test(name);
}

function trim(path) {
  let before = 0;
  let after = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) {
      const inside = trim(at);
      before += inside.before;
      const drop = SOURCES.has(entry.name) && basename(path) === 'better-sqlite3';
      if (drop) rmSync(at, { recursive: true });
      else after += inside.after;
      continue;
    }
    const { size } = statSync(at);
    before += size;
    const foreign = at.includes('/prebuilds/') && at.endsWith('.node') && isForeign(at);
    const license = /licen[cs]e|notice/i.test(entry.name);
    if (!license && (foreign || NEEDLESS.test(entry.name))) rmSync(at);
    else after += size;
  }
  return { before, after };
}

const { before, after } = trim(folder);
process.stdout.write(`${before} bytes before, ${after} after\n`);
