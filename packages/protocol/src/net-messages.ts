import { type MessageOf, map, messageType } from './message.ts';
import { bool, bytes, int32, int64, list, optional, scalar, text, uint32, uint64 } from './message-fields.ts';

/**
 * The protobuf messages that live payments need, package `net` (payments.md section 1). A table instead of generated code,
 * because the latter's descriptors and runtime weigh 17 kB gzipped, a quarter of what a browser client may. Tests hold it
 * against the code generated from proto/net/live_payment.proto.
 */

export const priceInfo = messageType('net.PriceInfo', {
  pricePerUnit: scalar(1, int64),
  pixelsPerUnit: scalar(2, int64),
  capability: scalar(3, uint32),
  constraint: scalar(4, text),
});

export const expirationParams = messageType('net.TicketExpirationParams', {
  creationRound: scalar(1, int64),
  creationRoundBlockHash: scalar(2, bytes),
});

/** Numbers are big-endian bytes without leading zeros; zero is empty. */
export const ticketParams = messageType('net.TicketParams', {
  recipient: scalar(1, bytes),
  faceValue: scalar(2, bytes),
  winProb: scalar(3, bytes),
  recipientRandHash: scalar(4, bytes),
  seed: scalar(5, bytes),
  expirationBlock: scalar(6, bytes),
  expirationParams: optional(7, expirationParams),
});

export const ticketSenderParams = messageType('net.TicketSenderParams', {
  senderNonce: scalar(1, uint32),
  sig: scalar(2, bytes),
});

export const authToken = messageType('net.AuthToken', {
  token: scalar(1, bytes),
  sessionId: scalar(2, text),
  expiration: scalar(3, int64),
});

export const modelConstraint = messageType('net.Capabilities.CapabilityConstraints.ModelConstraint', {
  warm: scalar(1, bool),
  capacity: scalar(2, uint32),
  runnerVersion: scalar(3, text),
  capacityInUse: scalar(4, uint32),
});

const capabilityConstraints = messageType('net.Capabilities.CapabilityConstraints', {
  models: map(1, text, modelConstraint),
});

const constraints = messageType('net.Capabilities.Constraints', {
  minVersion: scalar(1, text),
  perCapability: map(2, uint32, capabilityConstraints),
});

export const capabilities = messageType('net.Capabilities', {
  bitstring: list(1, uint64),
  mandatories: list(2, uint64),
  capacities: map(3, uint32, uint32),
  version: scalar(4, text),
  constraints: optional(5, constraints),
});

export const orchestratorRequest = messageType('net.OrchestratorRequest', {
  address: scalar(1, bytes),
  sig: scalar(2, bytes),
  capabilities: optional(3, capabilities),
  ignoreCapacityCheck: scalar(4, bool),
});

export const orchestratorInfo = messageType('net.OrchestratorInfo', {
  transcoder: scalar(1, text),
  ticketParams: optional(2, ticketParams),
  priceInfo: optional(3, priceInfo),
  address: scalar(4, bytes),
  capabilities: optional(5, capabilities),
  authToken: optional(6, authToken),
  capabilitiesPrices: list(33, priceInfo),
  nodes: list(34, text),
});

export const payment = messageType('net.Payment', {
  ticketParams: optional(1, ticketParams),
  sender: scalar(2, bytes),
  expirationParams: optional(3, expirationParams),
  ticketSenderParams: list(4, ticketSenderParams),
  expectedPrice: optional(5, priceInfo),
});

export const paymentResult = messageType('net.PaymentResult', { info: optional(16, orchestratorInfo) });

export const segData = messageType('net.SegData', {
  manifestId: scalar(1, bytes),
  seq: scalar(2, int64),
  hash: scalar(3, bytes),
  profiles: scalar(4, bytes),
  sig: scalar(5, bytes),
  duration: scalar(6, int32),
  capabilities: optional(7, capabilities),
  authToken: optional(8, authToken),
});

export type NetPriceInfo = MessageOf<typeof priceInfo>;
export type NetExpirationParams = MessageOf<typeof expirationParams>;
export type NetTicketParams = MessageOf<typeof ticketParams>;
export type NetAuthToken = MessageOf<typeof authToken>;
export type NetCapabilities = MessageOf<typeof capabilities>;
export type NetOrchestratorInfo = MessageOf<typeof orchestratorInfo>;
