/** Vitest reporter: ends a run with one plain line, `N passed, N failed, N skipped`. */
export default class PlainSummary {
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const { passed, failed, skipped, pending } = count;
    process.once('exit', () =>
      process.stdout.write(`${passed} passed, ${failed + pending} failed, ${skipped} skipped\n`),
    );
  }
}
