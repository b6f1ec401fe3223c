import { seededRandom, simulatedClock } from '@lp/runtime/testing';
import { describe, expect, test } from 'vitest';
import { MemoryChannels } from '../../test/memory-channels.ts';
import { Refusal } from '../errors.ts';
import { parseRegistration } from './registration.ts';
import { Registry, type RegistryEvent } from './registry.ts';
import { parseStaticRunners } from './static-config.ts';

const body = {
  runner_url: 'http://127.0.0.1:9000',
  app: 'lp/edges',
  capacity: 1,
  price_info: { price: '0.5' },
};
const registration = parseRegistration(body, { priced: true });

function setup() {
  const clock = simulatedClock({ startMs: 1_000_000 });
  const channels = new MemoryChannels();
  const events: RegistryEvent[] = [];
  const registry = new Registry({
    clock,
    channels,
    random: seededRandom(1),
    maxRunners: 2,
    onEvent: (event) => events.push(event),
    bootstrapSecret: 'bootstrap',
  });
  const register = (runnerId = '') =>
    registry.heartbeat({ runnerId, authorization: 'bootstrap', registration }).runner;
  return { clock, channels, events, registry, register };
}

/** Status and text of the refusal that `run` must throw. */
function refused(run: () => unknown): [number, string] {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return [error.status, error.message];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('heartbeats (live-runner.md section 4.2)', () => {
  const beat = (registry: Registry, runnerId: string, authorization?: string) => () =>
    registry.heartbeat({ runnerId, authorization, registration });

  test('an unknown id registers with the bootstrap secret and with nothing else', () => {
    const { registry } = setup();
    expect(refused(beat(registry, 'a', 'wrong'))).toEqual([401, 'invalid registration authorization']);
    expect(refused(beat(registry, 'a'))).toEqual([401, 'invalid registration authorization']);
    expect(registry.heartbeat({ runnerId: 'a', authorization: 'bootstrap', registration }).created).toBe(
      true,
    );
  });

  test('without a bootstrap secret nobody registers', () => {
    const closed = new Registry({
      clock: simulatedClock({ startMs: 0 }),
      channels: new MemoryChannels(),
      random: seededRandom(2),
      maxRunners: 1,
    });
    expect(refused(beat(closed, 'a', 'x'))).toEqual([404, 'dynamic live runner registration is disabled']);
  });

  test('an alive runner is renewed by its own secret only', () => {
    const { registry, register } = setup();
    const runner = register('a');
    expect(refused(beat(registry, 'a', 'bootstrap'))).toEqual([401, 'invalid heartbeat authorization']);
    expect(
      registry.heartbeat({ runnerId: 'a', authorization: runner.secrets.heartbeat, registration }).created,
    ).toBe(false);
  });

  test('an expired runner answers 404 until it is swept, then registers anew with new secrets', async () => {
    const { registry, register, clock } = setup();
    const runner = register('a');
    await clock.advance(20_001);
    expect(refused(beat(registry, 'a', runner.secrets.heartbeat))).toEqual([404, 'runner not found']);
    expect(refused(() => registry.ready('a'))).toEqual([404, 'runner not found']);
    registry.sweep();
    expect(register('a').secrets.heartbeat).not.toBe(runner.secrets.heartbeat);
  });

  test('a runner that beats in time stays', async () => {
    const { registry, register, clock } = setup();
    const { secrets } = register('a');
    for (let beats = 0; beats < 10; beats += 1) {
      await clock.advance(19_000);
      registry.heartbeat({ runnerId: 'a', authorization: secrets.heartbeat, registration });
      registry.sweep();
    }
    expect(registry.ready('a').id).toBe('a');
  });

  test('a follow-up beat replaces the whole record', () => {
    const { registry } = setup();
    const first = parseRegistration({ ...body, metadata: 'm', version: '1' }, { priced: true });
    const { runner } = registry.heartbeat({ runnerId: 'a', authorization: 'bootstrap', registration: first });
    registry.heartbeat({ runnerId: 'a', authorization: runner.secrets.heartbeat, registration });
    expect(registry.ready('a').registration).toMatchObject({ metadata: '', version: '' });
  });

  test('the registry has room for so many runners and no more', () => {
    const { registry, register } = setup();
    register('a');
    register('b');
    expect(refused(beat(registry, 'c', 'bootstrap'))[0]).toBe(503);
  });
});

describe('sessions (live-runner.md section 6)', () => {
  test('capacity is checked at reservation, a duplicate id before capacity', () => {
    const { registry, register } = setup();
    const runner = register();
    const session = registry.reserve(runner, 's1');
    expect(refused(() => registry.reserve(runner, 's1'))).toEqual([409, 'session already exists']);
    expect(refused(() => registry.reserve(runner, 's2'))).toEqual([503, 'no capacity available for runner']);
    registry.release(runner, session, 'stopped-by-client');
    expect(registry.reserve(runner, 's2').id).toBe('s2');
  });

  test('release closes the channels, tells the runner and remembers why', () => {
    const { registry, register, channels } = setup();
    const runner = register('a');
    const session = registry.reserve(runner, 's1');
    channels.create('s1-out', 'x/y');
    session.channels.set('out', { name: 'out', channelName: 's1-out', mimeType: 'x/y' });
    registry.release(runner, session, 'insufficient-balance');
    registry.release(runner, session, 'stopped-by-client');
    expect(channels.isOpen('s1-out')).toBe(false);
    expect(session.released.reason).toBe('insufficient-balance');
    const o2r = [...channels.open.values()].flatMap((channel) =>
      channel.segments.map((text) => JSON.parse(text).event),
    );
    expect(o2r).toEqual(['reserved', 'released']);
    let seen: Refusal | undefined;
    try {
      registry.session(runner, 's1');
    } catch (error) {
      seen = error as Refusal;
    }
    expect(seen?.headers).toEqual({ 'livepeer-session-ended': 'insufficient-balance' });
  });

  test('a lost runner releases its sessions as runner-lost', async () => {
    const { registry, register, clock, events } = setup();
    const runner = register('a');
    const session = registry.reserve(runner, 's1');
    await clock.advance(25_000);
    registry.sweep();
    expect(session.released.reason).toBe('runner-lost');
    expect(events.at(-1)).toMatchObject({ type: 'runner-removed', runner: 'a' });
  });

  test('a not-ready runner is hidden and keeps its sessions', () => {
    const { registry, register } = setup();
    const runner = register('a');
    const session = registry.reserve(runner, 's1');
    const busy = parseRegistration({ ...body, status: 'loading' }, { priced: true });
    registry.heartbeat({ runnerId: 'a', authorization: runner.secrets.heartbeat, registration: busy });
    expect(refused(() => registry.ready('a'))).toEqual([404, 'runner not found']);
    expect(session.released.aborted).toBe(false);
  });
});

describe('static runners (live-runner.md section 5)', () => {
  const config = (fields: object) =>
    parseStaticRunners(
      { runners: [{ ...body, label: 'gpu', health_url: '/health', ...fields }] },
      { priced: true },
    );

  test('an upsert by label keeps id and sessions and may move the route', () => {
    const { registry } = setup();
    const [first] = config({});
    const runner = registry.upsertStatic(first!, true);
    const session = registry.reserve(runner, 's1');
    const [second] = config({ routing: 'label' });
    expect(registry.upsertStatic(second!, true)).toBe(runner);
    expect(registry.ready('gpu').sessions.get('s1')).toBe(session);
    expect(refused(() => registry.ready(runner.id))).toEqual([404, 'runner not found']);
  });

  test('a label that is the id of a dynamic runner replaces it, and ends its sessions', () => {
    const { registry, clock } = setup();
    const { runner } = registry.heartbeat({ runnerId: 'gpu', authorization: 'bootstrap', registration });
    const session = registry.reserve(runner, 's1');
    const fixed = registry.upsertStatic(config({ routing: 'label' })[0]!, true);
    expect(registry.ready('gpu')).toBe(fixed);
    expect(session.released.reason).toBe('runner-lost');
    expect(clock.pending).toBe(0); // no keep-alive for a channel that nobody can find
  });

  test('an unhealthy runner loses its sessions and comes back', () => {
    const { registry } = setup();
    const runner = registry.upsertStatic(config({})[0]!, true);
    const session = registry.reserve(runner, 's1');
    registry.setHealthy(runner, false);
    expect(session.released.reason).toBe('runner-unhealthy');
    expect(refused(() => registry.ready(runner.route))).toEqual([404, 'runner not found']);
    registry.setHealthy(runner, true);
    expect(registry.ready(runner.route)).toBe(runner);
  });

  test('heartbeat and unregister do not touch it', () => {
    const { registry } = setup();
    const runner = registry.upsertStatic(config({})[0]!, true);
    const beat = (authorization?: string) => () =>
      registry.heartbeat({ runnerId: runner.id, authorization, registration });
    expect(refused(beat())).toEqual([400, 'static runner cannot heartbeat']);
    expect(refused(beat('x'))).toEqual([401, 'invalid heartbeat authorization']);
    expect(refused(() => registry.unregister(runner.id, 'x'))[0]).toBe(400);
  });

  test.each([
    [{ label: '' }, 'runners[0]: label must be set and trimmed'],
    [{ label: 'a/b', routing: 'label' }, 'runners[0]: label must not contain "/" when it is routed by'],
    [{ health_url: 'ftp://x' }, 'runners[0]: health_url must be an absolute URL or a path'],
    [{ healthy_status_code: 99 }, 'runners[0]: healthy_status_code must be 100 to 599'],
    [{ runner_url: 'nowhere' }, 'runners[0]: invalid runner_url'],
  ])('%j is refused', (fields, message) => {
    expect(refused(() => config(fields))).toEqual([400, message]);
  });
});
