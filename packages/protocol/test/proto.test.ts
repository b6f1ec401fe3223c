import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const generated = 'test/gen/net/live_payment_pb.ts';

it('has the generated code of its proto file committed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lp-proto-'));
  try {
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, BUF_CACHE_DIR: folder };
    execFileSync(join(bin, 'buf'), ['generate', '--output', folder], { cwd: root, env });
    expect(readFileSync(join(folder, generated), 'utf8')).toBe(readFileSync(join(root, generated), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
