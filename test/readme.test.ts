import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');

test("the README's program is the one that is compiled", async () => {
  const [readme, program] = await Promise.all([
    read('README.md'),
    read('examples/first-session/src/main.ts'),
  ]);
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(program);
});

test('every file that the README links to is there', async () => {
  const links = [...(await read('README.md')).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
    (match) => match[1] ?? '',
  );
  expect(links.length).toBeGreaterThan(10);
  const { access } = await import('node:fs/promises');
  for (const link of links)
    await expect(access(new URL(`../${link}`, import.meta.url)), link).resolves.toBeUndefined();
});

test('every command that the README tells is a script of the root, which runs on the pinned Node', async () => {
  const readme = await read('README.md');
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
  const told = [...readme.matchAll(/\bnpm (?:run )?(start|test(?::full)?|(?<=run )[\w:-]+)/g)].map(
    (match) => match[1],
  );
  expect(told.length).toBeGreaterThan(5);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(told));
  expect(readme).not.toMatch(/^\s*node |`node /m);
});
