export type { Clock } from './clock.ts';
export type { Random } from './random.ts';
export {
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from './transport.ts';
