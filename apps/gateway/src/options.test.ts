import { envExample } from '@lp/service';
import { describe, expect, it } from 'vitest';
import { gatewayOptions } from './options.ts';

describe('.env.example', () => {
  it('is what the options say', async () => {
    await expect(envExample(gatewayOptions)).toMatchFileSnapshot('../.env.example');
  });
});
