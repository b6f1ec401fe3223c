import type { Curve } from '../src/crypto/curve.ts';
import { loadNativeCurve } from '../src/crypto/native-curve.ts';

/**
 * The native addon, or `undefined` on a platform that has none: its tests are skipped there, unless `LP_REQUIRE` names
 * `native`.
 */
export function nativeIfInstalled(): Curve | undefined {
  try {
    return loadNativeCurve();
  } catch (error) {
    if (process.env['LP_REQUIRE']?.split(',').includes('native')) throw error;
    return undefined;
  }
}
