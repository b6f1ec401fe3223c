import type { CallLabels, LivePaymentRequest } from '@lp/pm/sender';
import { decodeWith, foldKeys, parseJson, signerPaymentRequest, WireError } from '@lp/protocol';
import { endOfFirstValue } from './first-json-value.ts';

/**
 * Reads a `POST /generate-live-payment` body as go-livepeer does (remote-signer.md section 1.3): keys in any case,
 * `null` as absent, unknown keys ignored, anything after the first JSON value ignored. `lpFunding` is ours.
 *
 * @throws WireError
 */
export function readPaymentRequest(body: Uint8Array): LivePaymentRequest {
  const folded = foldKeys(signerPaymentRequest, firstValue(body) ?? {});
  const fields = decodeWith(signerPaymentRequest, folded);
  const { state, maxPrice, lpFunding } = fields;
  const none = new Uint8Array();
  return {
    orchestrator: fields.orchestrator ?? none,
    manifestId: fields.ManifestID ?? '',
    app: fields.app ?? '',
    inPixels: fields.inPixels ?? 0n,
    type: fields.type ?? '',
    capabilities: fields.capabilities ?? none,
    labels: {
      ...label('gatewayRequestId', fields.gatewayRequestId),
      ...label('attributionSource', fields.attributionSource),
    },
    ...(lpFunding === undefined ? {} : { funding: lpFunding }),
    ...(state === undefined ? {} : { state: { state: state.State ?? none, sig: state.Sig ?? none } }),
    ...(maxPrice === undefined
      ? {}
      : {
          maxPrice: {
            price: maxPrice.price ?? '',
            currency: maxPrice.currency ?? '',
            unit: maxPrice.unit ?? '',
          },
        }),
  };
}

const MAX_LABEL = 256;

/** Text without control characters, cut where it is long; anything else is left out. */
function label(name: keyof CallLabels, value: unknown): CallLabels {
  if (typeof value !== 'string' || value === '') return {};
  const text = value.slice(0, MAX_LABEL).toWellFormed();
  return { [name]: text.replaceAll(/\p{Cc}/gu, ' ') };
}

function firstValue(body: Uint8Array): unknown {
  if (body.length === 0) throw new WireError('malformed-json', 'EOF');
  try {
    return parseJson(body);
  } catch (error) {
    if (!(error instanceof WireError) || error.code !== 'malformed-json') throw error;
    const text = new TextDecoder().decode(body);
    const end = endOfFirstValue(text);
    if (end === undefined || end === text.length) throw error;
    return parseJson(text.slice(0, end));
  }
}
