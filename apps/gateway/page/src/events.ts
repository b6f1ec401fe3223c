import { createParser } from 'eventsource-parser';
import { authorization } from './api.ts';

const RETRY_MS = 1000;

/**
 * Follows the events of a session until it is over or `signal` aborts; reconnects after the last id it has seen.
 * `fetch` instead of `EventSource`, which can send no API key.
 */
export async function followEvents(
  id: string,
  on: (type: string, data: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  let lastId = '';
  let over = false;
  const parser = createParser({
    onEvent: ({ id: eventId, event, data }) => {
      if (eventId !== undefined) lastId = eventId;
      if (event === 'closed') over = true;
      on(event ?? 'message', JSON.parse(data));
    },
  });
  while (!over && !signal.aborted) {
    try {
      const headers = { ...authorization(), ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
      const response = await fetch(`/sessions/${id}/events`, { headers, signal });
      if (response.status === 204 || response.status === 410) return;
      if (response.ok && response.body !== null) {
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) parser.feed(part.value);
      }
    } catch {
      // Broken connections are tried again, whatever broke them; the loop ends by `signal`.
    }
    parser.reset();
    if (!over) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
