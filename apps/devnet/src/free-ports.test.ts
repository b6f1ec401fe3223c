import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { checkPorts } from './free-ports.ts';

it('names the part whose port is taken, and the way out', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo; // a TCP listener
  const ports = { gateway: '0', signer: `${port}`, orchestrator: '0' };
  await expect(checkPorts(ports)).rejects.toThrow(
    `port ${port} of the signer is in use, perhaps by another \`npm start\`: end that, or choose another with LP_SIGNER_PORT`,
  );
  other.close();
  await once(other, 'close');
  await expect(checkPorts(ports)).resolves.toBeUndefined();
});
