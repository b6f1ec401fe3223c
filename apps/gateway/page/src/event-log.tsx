import type { SessionEvent } from './api-types.ts';
import { grouped } from './format.ts';
import { events } from './store.ts';

const TROUBLE = new Set(['output-stalled', 'connection-lost', 'payment-failed', 'not-ready', 'dropped']);

/** Names of the API as words: `runwaySeconds` is `runway seconds`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function details({ id: _id, at: _at, type: _type, ...rest }: SessionEvent): string {
  return Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      if (name === 'paidWei') return `paid ${grouped(String(value))} wei`;
      return `${words(name)} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    })
    .join(' · ');
}

/** What happened, newest first. */
export function EventLog() {
  return (
    <section class="card" aria-label="Events">
      <h2>Events</h2>
      {events.value.length === 0 ? (
        <p class="quiet">None yet.</p>
      ) : (
        <ol class="events" data-testid="events">
          {events.value.map((event) => (
            <li key={event.id} class={TROUBLE.has(event.type) ? 'trouble' : ''}>
              <time class="quiet number">{event.at.slice(11, 19)}</time>
              <div>
                <strong>{event.type}</strong>
                <span class="quiet">{details(event)}</span>
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
