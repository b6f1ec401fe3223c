import type { OpenSessionOptions, Session, SessionEvent } from '../src/index.ts';
import { type Simulation, type SimulationOptions, simulation } from '../src/testing/index.ts';

/** An open session with everything a test looks at. */
export interface Scenario {
  readonly world: Simulation;
  readonly session: Session;
  readonly events: SessionEvent[];
  /** Events of one type so far. */
  readonly of: <T extends SessionEvent['type']>(type: T) => Extract<SessionEvent, { type: T }>[];
  /** Lets seconds pass. */
  readonly pass: (seconds: number) => Promise<void>;
  /** Bodies of the signer's requests, parsed. */
  readonly mints: () => Record<string, unknown>[];
}

/** Opens a session in a fresh simulation. */
export async function scenario(
  setup: SimulationOptions = {},
  options: Partial<OpenSessionOptions> = {},
): Promise<Scenario> {
  const world = simulation(setup);
  const events: SessionEvent[] = [];
  const session = await world.open({ onEvent: (event) => events.push(event), ...options });
  return {
    world,
    session,
    events,
    // The filter keeps the one type that was asked for.
    of: (type) => events.filter((event) => event.type === type) as never,
    pass: (seconds) => world.clock.advance(seconds * 1_000),
    mints: () => world.signer.requests.map((body) => JSON.parse(body) as Record<string, unknown>),
  };
}
