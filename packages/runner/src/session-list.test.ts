import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunnerEvent } from './registration-options.ts';
import { SessionList } from './session-list.ts';

function list() {
  const events: RunnerEvent[] = [];
  return { events, sessions: new SessionList((event) => events.push(event)) };
}

describe('SessionList', () => {
  it('tells each session once and aborts its signal', () => {
    const { events, sessions } = list();
    sessions.reserve('a');
    sessions.reserve('a');
    const signal = sessions.signal('a');
    sessions.release('a', 'released');
    sessions.release('a', 'released');
    expect(signal?.reason).toMatchObject({ code: 'session-released', reason: 'released' });
    expect(events.map(({ type }) => type)).toEqual(['reserved', 'released']);
    expect(sessions.signal('a')).toBeUndefined();
  });

  it('adopts the list of the orchestrator', () => {
    const { events, sessions } = list();
    sessions.reserve('gone');
    sessions.reserve('stays');
    sessions.reconcile(sessions.snapshot(), ['stays', 'missed']);
    expect(sessions.ids).toEqual(['stays', 'missed']);
    expect(events).toContainEqual({ type: 'released', sessionId: 'gone', reason: 'reconciled' });
  });

  it('lets messages win that crossed the answer', () => {
    const { sessions } = list();
    sessions.reserve('old');
    const snapshot = sessions.snapshot();
    sessions.reserve('new');
    sessions.release('old', 'released');
    sessions.release('never-seen', 'released');
    sessions.reconcile(snapshot, ['old', 'never-seen']);
    expect(sessions.ids).toEqual(['new']);
  });

  it('ends up with the orchestrator, whatever messages were lost or crossed', () => {
    const step = fc.tuple(fc.constantFrom('reserve', 'release'), fc.constantFrom('a', 'b', 'c'));
    fc.assert(
      fc.property(
        fc.array(step),
        fc.array(step),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
        (before, during, ids) => {
          const { sessions } = list();
          const play = (steps: typeof before) => {
            for (const [what, id] of steps) {
              if (what === 'reserve') sessions.reserve(id);
              else sessions.release(id, 'released');
            }
          };
          play(before);
          const snapshot = sessions.snapshot();
          play(during);
          sessions.reconcile(snapshot, ids);
          // A second, undisturbed answer settles everything.
          sessions.reconcile(sessions.snapshot(), ids);
          expect(sessions.ids.toSorted()).toEqual(ids.toSorted());
        },
      ),
    );
  });
});
