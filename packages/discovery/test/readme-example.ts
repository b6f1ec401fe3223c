import { fetchOrchestratorInfo, offeredCapabilities } from '@lp/discovery/grpc';
import { createTransport } from '@lp/runtime';

/** Models that an orchestrator offers, with their price in wei per unit; `sender` as a signer's `/sign-orchestrator-info`. */
export async function modelsOf(url: string, sender: { address: `0x${string}`; signature: Uint8Array }) {
  await using transport = createTransport({ tls: 'pin' }); // orchestrators sign their own certificates
  const info = await fetchOrchestratorInfo(url, { transport, sender, timeoutMs: 5_000 });
  return offeredCapabilities(info).map(({ key, price }) => `${key} ${price.n}/${price.d}`);
}
