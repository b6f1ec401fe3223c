import { envExample } from '@lp/service';
import { expect, test } from 'vitest';
import { options } from './options.ts';

test('.env.example is what the options say', async () => {
  await expect(envExample(options)).toMatchFileSnapshot('../.env.example');
});
