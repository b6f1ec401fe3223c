export { createTransport } from '#transport';
export { type BackoffOptions, backoff } from './backoff.ts';
export type { Clock } from './clock.ts';
export { type Deadline, DeadlineError, deadline } from './deadline.ts';
export { CertificateChangedError } from './http/certificate-changed.ts';
export { type ClosableTransport, TransportOptionError, type TransportOptions } from './http/options.ts';
export type { Random } from './random.ts';
export { systemClock } from './system-clock.ts';
export { systemRandom } from './system-random.ts';
export {
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from './transport.ts';
export type { HttpUpload, HttpUploadRequest, UploadTransport } from './upload.ts';
