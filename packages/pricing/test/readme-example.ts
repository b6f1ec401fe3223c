import {
  checkCeiling,
  fee,
  formatEth,
  meter,
  priceFromUsd,
  priceOfWire,
  ratio,
  toWirePrice,
} from '@lp/pricing';

// 10 USD an hour at 2000 USD per ETH is exactly 12500000000000/9 wei per second.
const weiPerUsd = ratio(10n ** 18n, 2000n);
const price = priceFromUsd({ usd: '10', unit: 'hour', weiPerUsd });

// Published prices are whole wei, rounded down.
const wire = toWirePrice(price, 'seconds'); // { pricePerUnit: 1388888888888n, pixelsPerUnit: 1n, ... }
const published = priceOfWire(wire, 'seconds');
checkCeiling(published, [{ source: 'caller', price }]);

// 12.7 seconds are 12 units now; the rest is carried to the next reading.
const { units, next } = meter({ fromNs: 0n, remainder: 0n }, 1n, 12_700_000_000n);
const due = fee({ units, unit: 'seconds' }, published); // 16666666666656 wei

export const summary = `${formatEth(due)}, ${next.remainder} billionths of a second carried`;
