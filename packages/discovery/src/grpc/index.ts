// Ask

// Read
export { CAPABILITY_NAMES } from './capability-names.ts';
export {
  fetchOrchestratorInfo,
  MAX_INFO_BYTES,
  type OrchestratorInfoOptions,
} from './fetch-orchestrator-info.ts';
export { MAX_CAPABILITIES, type OfferedCapability, offeredCapabilities } from './offered-capabilities.ts';
export { OrchestratorRpcError, type OrchestratorRpcErrorCode } from './orchestrator-rpc-error.ts';
