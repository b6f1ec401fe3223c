import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

function start(env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, ['--conditions=lp-source', MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, exit, output: () => output, errors: () => errors };
}

describe('lp-gateway', () => {
  it('starts, answers, and closes with 0 on a signal', async () => {
    // Any HTTP answer is a live signer.
    const signer = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(signer, 'listening');
    const { port } = signer.address() as AddressInfo;
    const gateway = start({
      LP_GATEWAY_PORT: '0',
      LP_GATEWAY_SIGNER_URL: `http://127.0.0.1:${port}`,
      LP_GATEWAY_WEI_PER_USD: '500000000000000',
    });
    while (!gateway.output().includes('listening'))
      await Promise.race([once(gateway.child.stdout!, 'data'), gateway.exit]);
    const url = /^lp-gateway listening on (\S+)$/m.exec(gateway.output())?.[1];
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      status: 'ready',
      checks: { signer: { ok: true }, rate: { ok: true } },
    });
    const refused = await fetch(`${url}/sessions`, {
      method: 'POST',
      body: '{"app":"x"}',
      headers: { 'content-type': 'application/json' },
    });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'no-runner']);
    gateway.child.kill('SIGTERM');
    expect(await gateway.exit).toBe(0);
    signer.close();
  });

  it.each([
    ['no signer', {}, [], /--signer-url \(LP_GATEWAY_SIGNER_URL\) is required/],
    ['no exchange rate', { LP_GATEWAY_SIGNER_URL: 'http://127.0.0.1:1' }, [], /exchange rate is required/],
    [
      'an open listener without keys',
      { LP_GATEWAY_SIGNER_URL: 'http://127.0.0.1:1', LP_GATEWAY_WEI_PER_USD: '1' },
      ['--host', '0.0.0.0'],
      /refusing to listen on 0\.0\.0\.0 without authentication: set --api-keys-file/,
    ],
    ['an unknown flag', {}, ['--key', 'secret'], /unknown option '--key'/],
  ])('ends with 2 on %s', async (_what, env, args, message) => {
    const gateway = start(env as Record<string, string>, args);
    expect(await gateway.exit).toBe(2);
    expect(gateway.errors()).toMatch(message);
  });
});
