import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

describe('createLogger', () => {
  it('never writes credentials, payments or fields named like secrets', () => {
    const lines: string[] = [];
    const log = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
    const headers = {
      authorization: 'SECRET',
      'livepeer-payment': 'SECRET',
      'livepeer-segment': 'SECRET',
      accept: 'x',
    };
    log.info({ headers, req: { headers }, password: 'SECRET', config: { token: 'SECRET' } }, 'hello');
    log.error({ err: Object.assign(new Error('failed'), { request: { headers } }) });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('SECRET');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 30,
      name: 'test',
      msg: 'hello',
      headers: { accept: 'x' },
    });
  });
});
