export { TrickleError, type TrickleErrorCode } from './client/errors.ts';
export type { TrickleClientOptions, TrickleTransport } from './client/options.ts';
export {
  type PublisherStats,
  type PublishOptions,
  publishTo,
  TricklePublisher,
} from './client/publisher.ts';
export type { SegmentCut } from './client/segment-body.ts';
export type { EndReason } from './client/segment-request.ts';
export type { SegmentWriter } from './client/segment-writer.ts';
export {
  type SubscribeOptions,
  type SubscriptionStats,
  subscribe,
  type TrickleSegment,
  type TrickleSubscription,
} from './client/subscription.ts';
export { FrameDecoder, FrameError, type FrameErrorCode } from './frames/decoder.ts';
export { DEFAULT_MAX_JPEG_BYTES, encodeFrame, FRAMES_CONTENT_TYPE, type Frame } from './frames/frame.ts';
export { type FramePublisher, type PublishFramesOptions, publishFrames } from './frames/publish.ts';
export { type FrameSubscription, type SubscribeFramesOptions, subscribeFrames } from './frames/subscribe.ts';
export { SEGMENT_UNAVAILABLE, TERMINATED, TRICKLE_HEADERS } from './headers.ts';
