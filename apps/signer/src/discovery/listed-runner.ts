import type { RunnerOffer } from '@lp/discovery';
import { type Price, roundedDecimal } from '@lp/pricing';
import { JsonDecimal } from '@lp/protocol';

/** How old news is; both ours, beyond go-livepeer's fields. */
export interface Age {
  /** When the orchestrator said so, RFC 3339. */
  readonly last_seen: string;
  /** How long ago that is, milliseconds. */
  readonly age_ms: number;
}

/** A runner as the answer has it; fields that are undefined are left out. */
export type ListedRunner = Readonly<Record<string, unknown>>;

/** Only modelled fields; what else an orchestrator sent is dropped (remote-signer.md section 4). */
export function listedRunner(offer: RunnerOffer & { readonly price: Price }, age: Age): ListedRunner {
  const { gpu, capacity, price } = offer;
  return {
    url: offer.url,
    gpu: gpu === undefined ? undefined : { id: gpu.id, name: gpu.name, vram_mb: gpu.vramMb },
    app: offer.app,
    version: offer.version,
    metadata: offer.metadata,
    mode: offer.mode === 'unknown' ? undefined : offer.mode,
    capacity: capacity.total,
    capacity_used: capacity.used,
    capacity_available: capacity.available,
    price_info: { price: exactNumber(price), currency: 'wei', unit: price.unit },
    ...age,
  };
}

/** A bare JSON number, exact: prices on this wire are decimals, so `per` has no factors but 2 and 5. */
function exactNumber({ wei, per }: Price): bigint | JsonDecimal {
  if (per === 1n) return wei;
  const decimals = Math.max(timesDivisible(per, 2n), timesDivisible(per, 5n));
  return new JsonDecimal(roundedDecimal({ n: wei, d: per }, decimals));
}

function timesDivisible(value: bigint, prime: bigint): number {
  let times = 0;
  for (let rest = value; rest % prime === 0n; rest /= prime) times++;
  return times;
}
