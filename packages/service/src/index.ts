export { ApiKeyFileError, type ApiKeys, bearerToken, type Caller, parseApiKeys } from './api-keys.ts';
export { type BrowserGuard, browserRefusal, guardBrowsers } from './browser-guard.ts';
export { ignoreClosedPipe } from './closed-pipe.ts';
export { ConfigError } from './config-error.ts';
export { createServer, type ServerOptions } from './create-server.ts';
export { closeServer, isDraining } from './drain.ts';
export { envExample } from './env-example.ts';
export type { ErrorReply, ToReply } from './error-reply.ts';
export {
  type Check,
  type CheckResult,
  type HealthOptions,
  healthRoutes,
  type Readiness,
  readiness,
} from './health.ts';
export { asHttpError, HttpError } from './http-error.ts';
export { ListenError, listen } from './listen.ts';
export { type ConfigSources, type LoadedConfig, loadConfig } from './load-config.ts';
export { createLogger, LOG_LEVELS, type Logger } from './logger.ts';
export { isLoopback, OpenListenerError, refuseOpenListener } from './loopback.ts';
export {
  Counter,
  createMetrics,
  Gauge,
  Histogram,
  type Metrics,
  metricsRoutes,
  observeRequests,
} from './metrics.ts';
export { type Option, type OptionKind, type OptionSettings, option } from './option.ts';
export {
  address,
  choice,
  decimal,
  file,
  integer,
  list,
  originList,
  port,
  positiveDecimal,
  secret,
  text,
  toggle,
  url,
  urlList,
  wei,
} from './option-kinds.ts';
export {
  type Config,
  defineOptions,
  type OptionNames,
  type OptionRows,
  type OptionTable,
  optionNames,
} from './option-table.ts';
export { type Problem, problemJson } from './problem.ts';
export { callerOf, requireApiKey, setCaller } from './require-api-key.ts';
export {
  type RunningService,
  runService,
  type ServiceContext,
  type ServiceOptions,
  type Supervision,
} from './run-service.ts';
