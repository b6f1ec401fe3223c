import type { Dispatcher } from 'undici';
import type { Deadline } from '../deadline.ts';
import { TransportError } from '../transport.ts';
import { ConnectFailure } from './connector.ts';
import { connectionLost, interrupted } from './failures.ts';
import type { Target } from './target.ts';

/** Receives one answer, part by part. */
export interface AnswerSink {
  onHead(
    status: number,
    headers: Readonly<Record<string, string>>,
    controller: Dispatcher.DispatchController,
  ): void;
  onChunk(chunk: Uint8Array, controller: Dispatcher.DispatchController): void;
  onEnd(trailers: Readonly<Record<string, string>>): void;
  /** No further call follows. */
  onFailure(error: TransportError): void;
}

const flatten = (headers: Record<string, string | string[] | undefined>): Record<string, string> => {
  // A null prototype, so that a header called __proto__ is a header.
  const flat: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
};

/**
 * One request on an undici dispatcher: turns its callbacks into an `AnswerSink` and its failures into
 * `TransportError`, and knows whether the peer may have seen the request.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #target: Target;
  readonly #limit: Deadline;
  readonly #sink: AnswerSink;
  #controller: Dispatcher.DispatchController | undefined;
  #failed: TransportError | undefined;
  #done = false;

  constructor(target: Target, limit: Deadline, sink: AnswerSink) {
    this.#target = target;
    this.#limit = limit;
    this.#sink = sink;
  }

  /** Ends the exchange now, also while it still waits for a connection. */
  fail(error: TransportError): void {
    if (this.#done) return;
    this.#done = true;
    this.#failed = error;
    this.#controller?.abort(error);
    this.#sink.onFailure(error);
  }

  /** The deadline's signal has aborted. */
  readonly interrupt = (): void => {
    this.fail(interrupted(this.#target, this.#limit, this.#controller !== undefined));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#failed !== undefined) {
      controller.abort(this.#failed);
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status >= 200 && !this.#done) this.#sink.onHead(status, flatten(headers), controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#done) this.#sink.onChunk(chunk, controller);
  }

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#done) return;
    this.#done = true;
    this.#sink.onEnd(flatten(trailers));
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#sink.onFailure(this.#classify(error));
  }

  #classify(error: Error): TransportError {
    const url = this.#target.shown;
    if (error instanceof ConnectFailure) {
      return new TransportError(error.code, error.message, { url, sent: false, cause: error.cause ?? error });
    }
    if ('code' in error && error.code === 'UND_ERR_INVALID_ARG') {
      const message = `URL or headers can not be sent: ${error.message}`;
      return new TransportError('invalid-url', message, { url, sent: false, cause: error });
    }
    return connectionLost(this.#target, error);
  }
}
