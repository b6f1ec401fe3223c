export type { ChannelEnd } from './channel.ts';
export type { CorsOrigins } from './cors.ts';
export {
  type ChannelRefusal,
  ChannelRefusedError,
  LocalWriteError,
  type LocalWriteFailure,
} from './errors.ts';
export { TrickleHttp, type TrickleHttpOptions } from './http-routes.ts';
export type { Interim } from './http-write.ts';
export type { TrickleLimits } from './limits.ts';
export type { LocalPublisher, LocalSegmentWriter } from './local-publisher.ts';
export type { LocalSegment, LocalSubscribeOptions, LocalSubscription } from './local-subscription.ts';
export { type TrickleRoutesOptions, trickleRoutes } from './routes.ts';
export {
  type ChannelInfo,
  createTrickleServer,
  type TrickleServer,
  type TrickleServerOptions,
} from './trickle-server.ts';
