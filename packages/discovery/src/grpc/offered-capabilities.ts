import { type Ratio, ratio } from '@lp/pricing';
import type { OrchestratorInfo, PriceInfo } from '@lp/protocol';
import { MAX_NAME } from '../limits.ts';
import { CAPABILITY_NAMES } from './capability-names.ts';

/** Capabilities read from one orchestrator; the others are left out. */
export const MAX_CAPABILITIES = 256;

/** A capability and model that an orchestrator offers at a price. */
export interface OfferedCapability {
  /** `live-video-to-video/model`: what `caps` filters by. */
  readonly key: string;
  readonly capability: number;
  readonly model: string;
  /** Wei per unit, 0 or more. The wire does not name the unit. */
  readonly price: Ratio;
}

/**
 * What an orchestrator offers besides runners (remote-signer.md section 4, step 4): every model that its capabilities are
 * constrained to, at its own price or else the general one. Left out are capabilities without a name, models without one
 * or with one of more than 256 characters, and, unlike in go-livepeer, prices below 0.
 */
export function offeredCapabilities(info: OrchestratorInfo): readonly OfferedCapability[] {
  const general = priceOf(info.priceInfo);
  const own = new Map<string, Ratio>();
  for (const entry of info.capabilitiesPrices ?? []) {
    const price = priceOf(entry);
    const at = `${entry.capability ?? 0}/${entry.constraint ?? ''}`;
    if (price !== undefined && !own.has(at)) own.set(at, price); // the first of several counts
  }
  const offered: OfferedCapability[] = [];
  for (const [capability, models] of info.capabilities?.constraints?.perCapability ?? []) {
    const name = CAPABILITY_NAMES.get(capability);
    if (name === undefined) continue;
    for (const model of models.keys()) {
      if (offered.length >= MAX_CAPABILITIES) return offered;
      const price = own.get(`${capability}/${model}`) ?? general;
      if (model === '' || model.length > MAX_NAME || price === undefined || price.n < 0n) continue;
      offered.push({ key: `${name}/${model}`, capability, model, price });
    }
  }
  return offered;
}

/** Wei per unit; undefined where the price is for no units. */
function priceOf(info: PriceInfo | undefined): Ratio | undefined {
  return info === undefined || info.pixelsPerUnit <= 0n
    ? undefined
    : ratio(info.pricePerUnit, info.pixelsPerUnit);
}
