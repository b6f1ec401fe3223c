export { type RouteHandler, type RouteReply, routeTransport } from './route-transport.ts';
export { seededRandom } from './seeded-random.ts';
export {
  type SimulatedClock,
  type SimulatedClockOptions,
  SimulationStuckError,
  simulatedClock,
} from './simulated-clock.ts';
