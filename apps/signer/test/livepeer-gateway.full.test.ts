import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PaidNetwork, startPaidNetwork } from './paid-network.ts';

// The Python SDK as it is on its registry, against our signer and our orchestrator.

const run = promisify(execFile);
const PACKAGE = 'livepeer-gateway==1.0.0';
const PYENV = process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv');
const CANDIDATES = [
  process.env['LP_PYTHON'],
  'python3.14',
  'python3.13',
  'python3.12',
  'python3',
  ...globSync(join(PYENV, 'versions/3.*/bin/python')),
];
const required = (process.env['LP_REQUIRE'] ?? '').split(',').includes('python');

/** A Python that the package accepts: 3.12 or later, with venv. */
async function findPython(): Promise<string | undefined> {
  for (const candidate of CANDIDATES) {
    if (candidate === undefined) continue;
    const accepted = await run(candidate, [
      '-c',
      'import sys, venv; print(sys.version_info >= (3, 12))',
    ]).then(
      ({ stdout }) => stdout.trim() === 'True',
      () => false,
    );
    if (accepted) return candidate;
  }
  return undefined;
}

/** The interpreter of a fresh environment with the package, or why there is none. */
async function prepare(
  folder: string,
): Promise<{ readonly interpreter: string } | { readonly missing: string }> {
  const python = await findPython();
  if (python === undefined) return { missing: 'no Python 3.12 or later' };
  const interpreter = join(folder, 'bin/python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE];
  try {
    await run(python, ['-m', 'venv', folder], { timeout: 120_000 });
    await run(interpreter, pip, { timeout: 300_000 });
    return { interpreter };
  } catch (error) {
    return { missing: `${PACKAGE} cannot be installed: ${String(error).slice(0, 200)}` };
  }
}

const SCRIPT = `
import asyncio, json, sys
from livepeer_gateway import discover_runners, reserve_session

signer, key, app, seconds = sys.argv[1:5]

async def main():
    headers = {"Authorization": key}
    entries = await discover_runners(signer_url=signer, signer_headers=headers, app=app)
    runners = sum(len(entry["runners"]) for entry in entries)
    async with await reserve_session(signer_url=signer, signer_headers=headers, app=app) as session:
        await asyncio.sleep(float(seconds))
        print(json.dumps({"session": session.session_id, "released": session.released, "runners": runners}))

asyncio.run(main())
`;

const folder = await mkdtemp(join(tmpdir(), 'lp-python-'));
const prepared = await prepare(folder);
const missing = 'missing' in prepared ? prepared.missing : undefined;
if (missing !== undefined && required) throw new Error(`LP_REQUIRE names python: ${missing}`);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(missing !== undefined)(
  `livepeer-gateway${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let network: PaidNetwork;
    const interpreter = 'interpreter' in prepared ? prepared.interpreter : '';
    beforeAll(async () => {
      network = await startPaidNetwork();
    }, 120_000);
    afterAll(() => network?.[Symbol.asyncDispose]());

    test('finds the runner, reserves a session and keeps it paid', async () => {
      const { stdout } = await run(
        interpreter,
        ['-c', SCRIPT, network.signerUrl, network.headers['authorization'] ?? '', network.app, '16'],
        { timeout: 60_000 },
      );
      const { session, released, runners } = JSON.parse(stdout) as Record<string, unknown>;
      expect({ released, runners }).toEqual({ released: false, runners: 1 });
      expect(await network.ledger(String(session))).toMatchObject({ manifestId: session });
      const paid = network.signer.stderr().match(/"msg":"paid"/g) ?? [];
      expect(paid.length).toBeGreaterThan(1);
    });
  },
);
