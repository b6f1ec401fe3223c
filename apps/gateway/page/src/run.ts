import { ApiError, closeSession, getRunners, getSettings, openSession } from './api.ts';
import type { Problem, SessionEvent, Status } from './api-types.ts';
import { followEvents } from './events.ts';
import { weiFromEth } from './format.ts';
import { FrameSocket, nowUs } from './frames.ts';
import { type Source, startSource, toJpeg } from './source.ts';
import * as store from './store.ts';

const SEND_EVERY_MS = 50;
const RECONNECT_MS = 1000;
/** Close code of a message beyond the limit. */
const TOO_LARGE = 1009;

let stopNow: (() => void) | undefined;

function explain(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { detail, code: 'page' };
}

/** Reads settings and what is on offer. */
export async function refresh(): Promise<void> {
  try {
    store.settings.value = await getSettings();
    store.listing.value = await getRunners();
    if (store.app.value === '') store.app.value = store.apps.value[0] ?? '';
    store.gatewayReachable.value = true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && !store.needsKey.value)
      store.needsKey.value = true;
    else if (error instanceof ApiError) store.problem.value = error.problem;
    else store.gatewayReachable.value = false;
  }
}

/** Opens a session and streams until `stop` or its end. */
export async function start(input: HTMLCanvasElement, output: HTMLCanvasElement): Promise<void> {
  if (store.phase.value !== 'idle') return;
  store.clearSession();
  store.phase.value = 'opening';
  let source: Source | undefined;
  try {
    source = await startSource(store.source.value, input);
    const spend = store.maxSpendEth.value.trim();
    store.session.value = await openSession({
      app: store.app.value.trim(),
      params: JSON.parse(store.params.value),
      ...(spend === '' ? {} : { maxSpendWei: weiFromEth(spend) }),
    });
    store.phase.value = 'open';
    await stream(store.session.value.id, source, output);
  } catch (error) {
    store.problem.value = explain(error);
  } finally {
    source?.stop();
    store.phase.value = 'idle';
    stopNow = undefined;
    void refresh();
  }
}

/** Closes the session; `start` ends with it. */
export async function stop(): Promise<void> {
  const id = store.session.value?.id;
  if (store.phase.value !== 'open' || id === undefined) return;
  store.phase.value = 'closing';
  try {
    store.receipt.value = await closeSession(id);
  } catch (error) {
    store.problem.value = explain(error);
  }
  stopNow?.();
}

/** A page that goes away must not leave a session that costs money. */
export function leave(): void {
  const id = store.session.value?.id;
  if (store.phase.value === 'open' && id !== undefined) void closeSession(id, true).catch(() => {});
}

async function stream(id: string, source: Source, output: HTMLCanvasElement): Promise<void> {
  const over = new AbortController();
  stopNow = () => over.abort();
  const began = performance.now();
  const player = new Player(output);
  const connect = (): FrameSocket =>
    new FrameSocket(id, {
      frame: (jpeg, latency) => player.play(jpeg, latency),
      closed: (code) => {
        if (code === TOO_LARGE) {
          store.problem.value = {
            code: 'picture-too-large',
            detail: 'The gateway takes only smaller pictures.',
          };
        } else if (!over.signal.aborted) {
          setTimeout(() => {
            if (!over.signal.aborted) socket = connect();
          }, RECONNECT_MS);
        }
      },
    });
  let socket = connect();
  let busy = false;
  const sender = setInterval(async () => {
    if (busy) return;
    busy = true;
    const capturedUs = nowUs();
    const jpeg = await toJpeg(source.canvas);
    if (jpeg !== null) await socket.send(jpeg, capturedUs);
    busy = false;
  }, SEND_EVERY_MS);
  const fps = setInterval(() => {
    store.outputFps.value = player.takeCount();
  }, 1000);
  try {
    await followEvents(
      id,
      {
        event(type, data) {
          // Shapes are those of /openapi.json, from the gateway that served this page.
          if (type === 'status') store.addStatus(data as Status, (performance.now() - began) / 1000);
          else if (type !== 'missed') store.addEvent(data as SessionEvent);
        },
        heard(yes) {
          store.gatewayReachable.value = yes;
        },
      },
      over.signal,
    );
    // The session may have ended from the other side: its receipt tells why.
    store.receipt.value ??= await closeSession(id);
  } finally {
    clearInterval(sender);
    clearInterval(fps);
    over.abort();
    socket.close();
  }
}

/** Draws the newest picture; pictures that arrive while one is decoded are left out. */
class Player {
  readonly #canvas: HTMLCanvasElement;
  #busy = false;
  #count = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  takeCount(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  play(jpeg: Blob, latency: number): void {
    this.#count += 1;
    const before = store.latencyMs.value;
    store.latencyMs.value = before === null ? latency : before * 0.9 + latency * 0.1;
    if (this.#busy) return;
    this.#busy = true;
    createImageBitmap(jpeg)
      .then((picture) => {
        this.#canvas.width = picture.width;
        this.#canvas.height = picture.height;
        this.#canvas.getContext('2d')?.drawImage(picture, 0, 0);
        picture.close();
      })
      .catch(() => {})
      .finally(() => {
        this.#busy = false;
      });
  }
}
