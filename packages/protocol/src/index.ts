export { decodeBase64, encodeBase64 } from './base64.ts';
export { decodeCapabilities, encodeCapabilities } from './capabilities.ts';
export { challengeInfo, formatChallenge, parseChallenge, refreshRequest } from './challenge.ts';
export { decodeWith, encodeWith } from './decode-with.ts';
export {
  type DiscoveredRunner,
  type DiscoveryEntry,
  discoveredPrice,
  discoveredRunner,
  discoveryEntry,
  discoveryList,
  gpuInfo,
} from './discovery-list.ts';
export { errorEnvelope, upstreamErrorBody } from './error-body.ts';
export { foldKeys } from './fold-keys.ts';
export { type FundingReport, fundingOffer, fundingReport, fundingRequest } from './funding-messages.ts';
export { formatGoDuration, goDurationMs, parseGoDuration } from './go-duration.ts';
export {
  decodePaymentHeader,
  decodeSegmentHeader,
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADERS,
} from './headers.ts';
export {
  type HeartbeatRequest,
  type HeartbeatResponse,
  heartbeatRequest,
  heartbeatResponse,
  type O2rMessage,
  o2rChannel,
  o2rMessage,
} from './heartbeat.ts';
export { JsonDecimal, MAX_JSON_BYTES, parseJson, stringifyJson } from './json.ts';
export {
  decodeOrchestratorInfo,
  decodePaymentResult,
  encodeOrchestratorInfo,
  encodePaymentResult,
} from './orchestrator-info.ts';
export { decodeOrchestratorRequest, encodeOrchestratorRequest } from './orchestrator-request.ts';
export { decodePayment, encodePayment } from './payment.ts';
export { MAX_MESSAGE_BYTES } from './protobuf.ts';
export { type RunnerPrice, runnerGpu, runnerMode, runnerPrice } from './runner-fields.ts';
export { base64Bytes, decimalText, hexAddress, int64, uint32, weiText } from './scalars.ts';
export { decodeSegData, encodeSegData } from './seg-data.ts';
export {
  type Channel,
  channel,
  channelsRequest,
  channelsResponse,
  deleteChannelsRequest,
  deleteChannelsResponse,
  proxyRequest,
  proxyResponse,
  type SessionReply,
  sessionReply,
} from './session-messages.ts';
export {
  signerPaymentRequest,
  signerPaymentResponse,
  signerState,
  signOrchestratorInfoResponse,
} from './signer-messages.ts';
export { type StaticRunner, staticRunnerConfig } from './static-runners.ts';
export type * from './types.ts';
export { WireError, type WireErrorCode } from './wire-error.ts';
