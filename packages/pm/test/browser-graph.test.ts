import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const source = new URL('../src/', import.meta.url);
const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

/** What a browser loads from `entry`: packages named on the way, `#crypto` being the portable one. */
function packagesBehind(entry: string): Set<string> {
  const packages = new Set<string>();
  const queue = [new URL(entry, source)];
  const seen = new Set<string>();
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file.href)) continue;
    seen.add(file.href);
    expect(existsSync(file)).toBe(true);
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (name === '#crypto') queue.push(new URL('crypto/portable.ts', source));
      else if (name.startsWith('.')) queue.push(new URL(name, file));
      else packages.add(name);
    }
  }
  return packages;
}

describe('in a browser', () => {
  it.each(['index.ts', 'native.ts', 'sender/index.ts', 'recipient/index.ts'])(
    '%s loads nothing of Node',
    (entry) => {
      const packages = [...packagesBehind(entry)];
      expect(packages).toContain('@noble/curves/secp256k1.js');
      const foreign = packages.filter((name) => !name.startsWith('@noble/') && !name.startsWith('@lp/'));
      expect(foreign).toEqual([]);
    },
  );

  it('crypto is chosen by a condition that only Node sets', () => {
    const { imports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(imports['#crypto'].node.default).toBe('./dist/crypto/node.js');
    expect(imports['#crypto'].default).toBe('./dist/crypto/portable.js');
    expect(Object.keys(imports['#crypto'])[0]).toBe('node');
  });
});
