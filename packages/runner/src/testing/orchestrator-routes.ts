import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  channelsRequest,
  decodeWith,
  deleteChannelsRequest,
  foldKeys,
  formatGoDuration,
  HEADERS,
  heartbeatRequest,
} from '@lp/protocol';
import { forward, Refusal, readJson, sendJson } from './http-exchange.ts';
import { type OrchestratorState, TRICKLE_PATH } from './orchestrator-state.ts';
import type { TestSession } from './runner-table.ts';

/** The routes that a runner calls, and the proxy that calls it (live-runner.md section 2). */
export class OrchestratorRoutes {
  readonly #state: OrchestratorState;
  readonly #url: () => string;
  readonly #intervalMs: number;
  readonly #ttlMs: number;

  constructor(options: { state: OrchestratorState; url: () => string; intervalMs: number; ttlMs: number }) {
    this.#state = options.state;
    this.#url = options.url;
    this.#intervalMs = options.intervalMs;
    this.#ttlMs = options.ttlMs;
  }

  /** Answers one request; throws `Refusal` or `WireError` for what is refused. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path === '/runners/heartbeat') return await this.#heartbeat(request, response);
    const [, unregister] = /^\/runners\/([^/]+)\/unregister$/.exec(path) ?? [];
    if (unregister !== undefined) return this.#unregister(request, response, decodeURIComponent(unregister));
    const [, runner = '', session = '', action] =
      /^\/runner\/([^/]+)\/session\/([^/]+)\/(channels|stop)$/.exec(path) ?? [];
    if (action !== undefined) return await this.#callback(request, response, { runner, session, action });
    const [, host = '', guest = '', rest] =
      /^\/apps\/([^/]+)\/session\/([^/]+)\/app\/?(.*)$/.exec(path) ?? [];
    if (rest !== undefined) return await this.#proxy(request, response, { host, guest, rest });
    throw new Refusal(404, '404 page not found');
  }

  async #heartbeat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = decodeWith(heartbeatRequest, foldKeys(heartbeatRequest, await readJson(request)));
    const verdict = this.#state.table.beat(body, request.headers.authorization ?? '');
    if (verdict.status !== 200) throw new Refusal(verdict.status, verdict.message);
    const { runner, created } = verdict;
    const mime_type = 'application/json';
    if (created) this.#state.trickle.create(runner.o2r, { contentType: mime_type });
    const o2r = { name: 'o2r', channel_name: runner.o2r, url: this.#channelUrl(runner.o2r), mime_type };
    sendJson(response, {
      runner_id: runner.id,
      orchestrator: this.#url(),
      heartbeat_interval: formatGoDuration(this.#intervalMs),
      heartbeat_ttl: formatGoDuration(this.#ttlMs),
      ...(created && { heartbeat_secret: runner.secret, o2r }),
      session_ids: [...runner.sessions.keys()],
    });
  }

  #unregister(request: IncomingMessage, response: ServerResponse, id: string): void {
    const runner = this.#state.table.alive(id);
    if (runner === undefined) throw new Refusal(404, 'runner not found');
    if (request.headers.authorization !== runner.secret) throw new Refusal(401, 'invalid authorization');
    this.#state.remove(runner);
    response.writeHead(204).end();
  }

  async #callback(
    request: IncomingMessage,
    response: ServerResponse,
    target: { runner: string; session: string; action: string },
  ): Promise<void> {
    const runner = this.#state.runner(target.runner);
    const session = this.#state.session(runner, target.session);
    if (request.headers[HEADERS.sessionToken.toLowerCase()] !== session.token) {
      throw new Refusal(401, 'invalid authorization');
    }
    if (target.action === 'stop') {
      this.#state.release(runner, session);
      response.writeHead(204).end();
      return;
    }
    const body = await readJson(request);
    if (request.method === 'POST') this.#createChannels(session, body, response);
    else this.#deleteChannels(session, body, response);
  }

  #createChannels(session: TestSession, body: unknown, response: ServerResponse): void {
    const { channels } = decodeWith(channelsRequest, foldKeys(channelsRequest, body));
    const described = channels.map(({ name, mime_type: asked }) => {
      const mime_type = session.channels.get(name) ?? asked;
      session.channels.set(name, mime_type);
      const channel_name = `${session.id}-${name}`;
      this.#state.trickle.create(channel_name, { contentType: mime_type });
      const url = this.#channelUrl(channel_name);
      return { name, channel_name, url, internal_url: url, mime_type };
    });
    sendJson(response, { channels: described });
  }

  #deleteChannels(session: TestSession, body: unknown, response: ServerResponse): void {
    const { channels } = decodeWith(deleteChannelsRequest, foldKeys(deleteChannelsRequest, body));
    for (const name of channels) {
      if (!session.channels.delete(name)) throw new Refusal(404, 'trickle channel not found');
      this.#state.trickle.delete(`${session.id}-${name}`);
    }
    sendJson(response, { deleted: channels });
  }

  async #proxy(
    request: IncomingMessage,
    response: ServerResponse,
    { host, guest, rest }: { host: string; guest: string; rest: string },
  ): Promise<void> {
    const runner = this.#state.runner(host);
    const session = this.#state.session(runner, guest);
    const target = new URL(`${runner.request.runner_url.replace(/\/$/, '')}/${rest}`);
    await forward(request, response, target, {
      [HEADERS.runnerRoute]: runner.id,
      [HEADERS.sessionId]: session.id,
      [HEADERS.sessionToken]: session.token,
      [HEADERS.sessionControl]: `${this.#url()}/runner/${runner.id}/session/${session.id}`,
    });
  }

  #channelUrl(name: string): string {
    return `${this.#url()}${TRICKLE_PATH}/${name}`;
  }
}
