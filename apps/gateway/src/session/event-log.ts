/** One thing that happened to a session. */
export interface LoggedEvent {
  /** Counts from 1 within the session, without gaps. */
  readonly id: number;
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The newest events of a session, and those who listen. Older events than `capacity` are forgotten. */
export class EventLog {
  readonly #capacity: number;
  readonly #events: LoggedEvent[] = [];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #nextId = 1;

  constructor(capacity = 512) {
    this.#capacity = capacity;
  }

  add(atMs: number, type: string, data: Readonly<Record<string, unknown>> = {}): void {
    const event: LoggedEvent = { id: this.#nextId, atMs, type, data };
    this.#nextId += 1;
    this.#events.push(event);
    if (this.#events.length > this.#capacity) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * The remembered events after `id` (0: all). `missed` counts those after `id` that are forgotten. An id from the
   * future, as of another session, gives all.
   */
  since(id: number): { readonly missed: number; readonly events: readonly LoggedEvent[] } {
    const after = id >= this.#nextId ? 0 : id;
    const first = this.#events[0]?.id ?? this.#nextId;
    return {
      missed: Math.max(0, first - after - 1),
      events: this.#events.filter((event) => event.id > after),
    };
  }

  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
