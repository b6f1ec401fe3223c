import { createParser } from 'eventsource-parser';
import { authorization } from './api.ts';

const RETRY_MS = 1000;
/** A status comes every second: longer silence means that the gateway is gone. */
const SILENT_MS = 4000;

/** Who follows a session. */
export interface Follower {
  event(type: string, data: unknown): void;
  /** Whether the gateway is heard; told again and again. */
  heard(yes: boolean): void;
}

/**
 * Follows the events of a session until it is over or `signal` aborts; reconnects after the last id it has seen.
 * `fetch` instead of `EventSource`, which can send no API key.
 */
export async function followEvents(id: string, follower: Follower, signal: AbortSignal): Promise<void> {
  let lastId = '';
  let over = false;
  const parser = createParser({
    onEvent: ({ id: eventId, event, data }) => {
      if (eventId !== undefined) lastId = eventId;
      if (event === 'closed') over = true;
      follower.event(event ?? 'message', JSON.parse(data));
    },
  });
  while (!over && !signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENT_MS);
    try {
      const headers = { ...authorization(), ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
      const both = AbortSignal.any([signal, silence.signal]);
      const response = await fetch(`/sessions/${id}/events`, { headers, signal: both });
      follower.heard(true);
      if (response.status === 204 || response.status === 410) return;
      if (response.ok && response.body !== null) {
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENT_MS);
          follower.heard(true);
          parser.feed(part.value);
        }
      }
    } catch {
      // Broken connections are tried again, whatever broke them; the loop ends by `signal`.
      if (!signal.aborted) follower.heard(false);
    } finally {
      clearTimeout(timer);
    }
    parser.reset();
    if (!over) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
