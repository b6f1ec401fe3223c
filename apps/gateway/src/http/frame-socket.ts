import type { WebSocket } from 'ws';
import { readPicture } from '../media/frame-message.ts';
import type { GatewaySession } from '../session/gateway-session.ts';
import type { ApiContext } from './api-context.ts';
import { receiptView, statusView } from './session-view.ts';

const STATUS_EVERY_MS = 1000;
/** A socket that answers no ping for this many seconds is dead. */
const SILENT_SECONDS = 30;
const PING_EVERY_SECONDS = 10;

/** Sessions that have a publisher: the first socket that sends a picture, until it closes. */
const publishers = new WeakMap<GatewaySession, FrameSocket>();

/** One client of the frames socket. */
export class FrameSocket {
  readonly #socket: WebSocket;
  readonly #session: GatewaySession;
  readonly #context: ApiContext;
  readonly #gone = new AbortController();
  #silentSeconds = 0;
  #refused = false;

  constructor(socket: WebSocket, session: GatewaySession, context: ApiContext) {
    this.#socket = socket;
    this.#session = session;
    this.#context = context;
  }

  /** Serves the socket until it closes or the session is over. Never rejects. */
  async run(): Promise<void> {
    const socket = this.#socket;
    const detach = this.#session.attach();
    const unwatch = this.#session.bridge.watch({ show: (record) => this.#show(record) });
    const unlisten = this.#session.log.listen((event) => {
      if (event.type === 'closed') this.#over();
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#silentSeconds = 0;
      if (isBinary) this.#take(data);
    });
    socket.on('pong', () => {
      this.#silentSeconds = 0;
    });
    socket.once('close', () => this.#gone.abort());
    // `close` follows every error; oversize messages end here with 1009.
    socket.on('error', () => {});
    if (this.#session.state === 'closed') this.#over();
    await this.#tick();
    unlisten();
    unwatch();
    detach();
    if (publishers.get(this.#session) === this) publishers.delete(this.#session);
  }

  /** Ends with the socket. */
  async #tick(): Promise<void> {
    for (let second = 0; !this.#gone.signal.aborted; second += 1) {
      this.#send({ type: 'status', ...statusView(this.#session, this.#context.weiPerUsd()) });
      if (second % PING_EVERY_SECONDS === PING_EVERY_SECONDS - 1) this.#socket.ping();
      this.#silentSeconds += 1;
      if (this.#silentSeconds > SILENT_SECONDS) this.#socket.terminate();
      await this.#context.clock.sleep(STATUS_EVERY_MS, this.#gone.signal).catch(() => {});
    }
  }

  #take(message: Uint8Array): void {
    const picture = readPicture(message);
    if (picture === undefined) return this.#refuse('not-a-picture', 'send JPEG pictures or frame records');
    const publisher = publishers.get(this.#session);
    if (publisher === undefined) publishers.set(this.#session, this);
    else if (publisher !== this) return this.#refuse('publisher-taken', 'another client sends the pictures');
    this.#session.bridge.accept(picture.jpeg, picture.capturedUs);
  }

  /** Says once per socket that its pictures are not taken. */
  #refuse(code: string, message: string): void {
    if (!this.#refused) this.#send({ type: 'refused', code, message });
    this.#refused = true;
  }

  #show(record: Uint8Array): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (this.#socket.bufferedAmount > this.#context.limits.maxBufferedBytes) return false;
    this.#socket.send(record);
    return true;
  }

  #over(): void {
    const { receipt } = this.#session;
    const shown =
      receipt === undefined ? null : receiptView(this.#session, receipt, this.#context.weiPerUsd());
    this.#send({ type: 'closed', reason: this.#session.closeReason ?? null, receipt: shown });
    this.#socket.close(1000, 'the session is closed');
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
