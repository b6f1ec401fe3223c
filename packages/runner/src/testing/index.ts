export {
  startTestOrchestrator,
  type TestOrchestrator,
  type TestOrchestratorOptions,
  type TestReservation,
} from './orchestrator.ts';
export type { TestRunner, TestSession } from './runner-table.ts';
