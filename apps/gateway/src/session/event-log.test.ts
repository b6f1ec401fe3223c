import { describe, expect, it } from 'vitest';
import { EventLog } from './event-log.ts';

describe('EventLog', () => {
  it('keeps the newest events and says how many are forgotten', () => {
    const log = new EventLog(3);
    for (let count = 0; count < 5; count += 1) log.add(count, 'tick');
    const ids = (after: number) => [log.since(after).missed, log.since(after).events.map(({ id }) => id)];
    expect(ids(0)).toEqual([2, [3, 4, 5]]);
    expect(ids(1)).toEqual([1, [3, 4, 5]]);
    expect(ids(2)).toEqual([0, [3, 4, 5]]);
    expect(ids(4)).toEqual([0, [5]]);
    expect(ids(5)).toEqual([0, []]);
    expect(ids(6)).toEqual([2, [3, 4, 5]]);
    expect(new EventLog().since(0)).toEqual({ missed: 0, events: [] });
  });
});
