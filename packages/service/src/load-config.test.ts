import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { envExample } from './env-example.ts';
import { loadConfig } from './load-config.ts';
import {
  address,
  choice,
  decimal,
  file,
  integer,
  originList,
  port,
  positiveDecimal,
  secret,
  text,
  toggle,
  url,
  urlList,
  wei,
} from './option-kinds.ts';
import { defineOptions } from './option-table.ts';

const table = defineOptions({
  name: 'lp-test',
  describe: 'A table with every kind.',
  rows: {
    host: text({ describe: 'Where.', default: '127.0.0.1' }),
    port: port({ describe: 'Port.', default: '8080' }),
    workers: integer({ describe: 'Workers.', min: 1, max: 8 }),
    maxWei: wei({ describe: 'Limit.' }),
    rate: decimal({ describe: 'Rate.', default: '10/9' }),
    mode: choice(['fast', 'safe'], { describe: 'Mode.', default: 'safe' }),
    loud: toggle({ describe: 'Loud.' }),
    rpcUrl: url({ describe: 'RPC.' }),
    peers: urlList({ describe: 'Peers.', default: '' }),
    controller: address({ describe: 'Contract.' }),
    keystore: file({ describe: 'Key.', maxBytes: 32 }),
    token: secret({ describe: 'Token.' }),
  },
});

const load = (argv: string[], env: Record<string, string> = {}) => {
  const loaded = loadConfig(table, { argv, env });
  if (loaded.kind !== 'run') throw new Error('expected a configuration');
  return loaded;
};
const problemsOf = (argv: string[], env: Record<string, string> = {}): readonly string[] => {
  try {
    loadConfig(table, { argv, env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const directory = mkdtempSync(join(tmpdir(), 'lp-config-'));
const write = (name: string, content: string, mode = 0o600): string => {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

describe('loadConfig', () => {
  it('gives typed defaults, and undefined where nobody set a value', () => {
    expect(load([]).config).toEqual({
      host: '127.0.0.1',
      port: 8080,
      workers: undefined,
      maxWei: undefined,
      rate: '10/9',
      mode: 'safe',
      loud: false,
      rpcUrl: undefined,
      peers: [],
      controller: undefined,
      keystore: undefined,
      token: undefined,
    });
  });

  it('prefers flag, then variable, then env-file, then default; an empty variable is not set', () => {
    const path = write('a.env', 'LP_TEST_PORT=3\nLP_TEST_HOST=file\nLP_TEST_MODE=fast\n');
    const { config } = load(['--env-file', path, '--port', '1'], {
      LP_TEST_PORT: '2',
      LP_TEST_HOST: 'env',
      LP_TEST_MODE: '',
    });
    expect([config.port, config.host, config.mode, config.rate]).toEqual([1, 'env', 'fast', '10/9']);
  });

  it('keeps wei exact beyond 2^53', () => {
    expect(load(['--max-wei', '9007199254740993']).config.maxWei).toBe(9_007_199_254_740_993n);
  });

  it.each([
    [['--loud'], true],
    [['--loud', 'false'], false],
    [['--loud', '--no-loud'], false],
  ] as const)('reads the switch %j', (argv, expected) => {
    expect(load([...argv]).config.loud).toBe(expected);
  });

  it('splits lists and checks each item', () => {
    expect(load(['--peers', 'http://a:1, https://b']).config.peers).toEqual(['http://a:1', 'https://b']);
    expect(problemsOf(['--peers', 'http://a,ftp://b'])).toHaveLength(1);
  });

  it('reads and trims files, and names the variable with _FILE', () => {
    const path = write('key', '  abc\n');
    expect(load([], { LP_TEST_KEYSTORE_FILE: path })).toMatchObject({
      config: { keystore: 'abc' },
      warnings: [],
    });
  });

  it('warns of files that others can read', () => {
    const { warnings } = load(['--keystore-file', write('open', 'abc', 0o644)]);
    expect(warnings).toEqual([expect.stringMatching(/can be read by others \(mode 644\)/)]);
  });

  it.each([
    ['missing', '/nonexistent/file', /does not exist/],
    ['directory', directory, /is not a file/],
    ['empty', write('empty', ' \n'), /is empty/],
    ['large', write('large', 'x'.repeat(33)), /more than 32/],
  ])('refuses a %s file', (_what, path, message) => {
    expect(problemsOf(['--keystore-file', path])).toEqual([expect.stringMatching(message)]);
  });

  it('names flag, variable and what is allowed, for every problem at once', () => {
    expect(
      problemsOf(['--port', '65536'], { LP_TEST_WORKERS: '0', LP_TEST_MAX_WEI: '1.5', LP_TEST_MODE: 'wild' }),
    ).toEqual([
      '--port (LP_TEST_PORT): got "65536", allowed is a whole number from 0 to 65535',
      '--workers (LP_TEST_WORKERS): got "0", allowed is a whole number from 1 to 8',
      '--max-wei (LP_TEST_MAX_WEI): got "1.5", allowed is a whole number of wei, 0 or more',
      '--mode (LP_TEST_MODE): got "wild", allowed is one of fast, safe',
    ]);
  });

  it('refuses unknown flags and excess arguments', () => {
    expect(problemsOf(['--nonsense'])[0]).toMatch(/unknown option '--nonsense'/);
    expect(problemsOf(['extra'])[0]).toMatch(/too many arguments/);
  });

  it('takes secrets from the environment only, and never shows them', () => {
    expect(load([], { LP_TEST_TOKEN: 'tok' }).config.token).toBe('tok');
    expect(problemsOf(['--token', 'tok'])[0]).toMatch(/unknown option '--token'/);
    const [problem] = problemsOf([], { LP_TEST_TOKEN: 'S'.repeat(9000) });
    expect(problem).toMatch(/^LP_TEST_TOKEN/);
    expect(problem).not.toMatch(/SSS/);
  });

  it('takes numbers that can be divided by, and origins as browsers send them', () => {
    const table = defineOptions({
      name: 'lp-kinds',
      describe: '',
      rows: {
        rate: positiveDecimal({ describe: '' }),
        price: decimal({ describe: '' }),
        origins: originList({ describe: '', default: '' }),
      },
    });
    const read = (...argv: string[]) => {
      const loaded = loadConfig(table, { argv, env: {} });
      return loaded.kind === 'run' ? loaded.config : undefined;
    };
    expect(read('--rate', '0.05', '--price', '0', '--origins', 'https://a.example/,http://b:81')).toEqual({
      rate: '0.05',
      price: '0',
      origins: ['https://a.example', 'http://b:81'],
    });
    for (const [flag, value] of [
      ['--rate', '0'],
      ['--rate', '0.00/3'],
      ['--price', '1/0'],
      ['--origins', '*'],
      ['--origins', 'a.example'],
      ['--origins', 'https://a.example/path'],
      ['--origins', 'HTTPS://a.example'],
      ['--origins', 'file://a'],
    ] as const) {
      expect(() => read(flag, value)).toThrow(ConfigError);
    }
  });

  it('refuses URLs with credentials', () => {
    expect(problemsOf(['--rpc-url', 'https://user:pw@host'])).toHaveLength(1);
  });

  it('ends every command line as a configuration, a text or a ConfigError', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--port', '--loud', '--no-loud', '--peers', '--help', '--', '--env-file'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        try {
          expect(['run', 'print']).toContain(loadConfig(table, { argv, env: {} }).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

describe('--help and .env.example', () => {
  it('show flag, variable and default of every option', () => {
    const loaded = loadConfig(table, { argv: ['--help'], env: {} });
    const help = loaded.kind === 'print' ? loaded.text.replaceAll(/\s+/g, ' ') : '';
    expect(help).toContain('--port <port> Port. [LP_TEST_PORT; default 8080]');
    expect(help).toContain('LP_TEST_TOKEN Token. [no default]');
    expect(help).not.toContain('--token');
    expect(envExample(table)).toContain(
      '# Also --port. Allowed: a whole number from 0 to 65535.\n# LP_TEST_PORT=8080\n',
    );
  });

  it('the example file itself is a valid env-file with the defaults', () => {
    const path = write('example.env', envExample(table));
    expect(load(['--env-file', path]).config).toEqual(load([]).config);
  });
});
