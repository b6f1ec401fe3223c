import { apiKey } from './api.ts';

const HEADER_BYTES = 16;
/** Pictures are skipped while more than this waits to be sent. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Microseconds since 1970, from a clock that never jumps. */
export function nowUs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
}

/** The socket of one session's pictures. */
export class FrameSocket {
  readonly #socket: WebSocket;
  #sent = 0;

  constructor(id: string, on: { frame(jpeg: Blob, latencyMs: number): void; closed(code: number): void }) {
    const key = apiKey();
    const protocols = key === '' ? ['lp-frames'] : ['lp-frames', `lp-key.${base64Url(key)}`];
    const url = new URL(`/sessions/${id}/frames`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    this.#socket = new WebSocket(url, protocols);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === 'string' || data.byteLength < HEADER_BYTES) return;
      const capturedUs = new DataView(data).getBigUint64(8);
      const latencyMs = Number(nowUs() - capturedUs) / 1000;
      on.frame(new Blob([new Uint8Array(data, HEADER_BYTES)], { type: 'image/jpeg' }), latencyMs);
    });
    this.#socket.addEventListener('close', ({ code }) => on.closed(code));
  }

  /** Sends a picture; false when it was skipped because earlier ones still wait. */
  async send(jpeg: Blob, capturedUs: bigint): Promise<boolean> {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#socket.bufferedAmount > MAX_WAITING_BYTES)
      return false;
    const header = new DataView(new ArrayBuffer(HEADER_BYTES));
    header.setUint32(0, HEADER_BYTES - 4 + jpeg.size);
    header.setUint32(4, this.#sent);
    header.setBigUint64(8, capturedUs);
    this.#sent += 1;
    this.#socket.send(new Blob([header.buffer, jpeg]));
    return true;
  }

  close(): void {
    this.#socket.close();
  }
}

function base64Url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
