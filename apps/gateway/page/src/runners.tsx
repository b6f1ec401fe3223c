import { host } from './format.ts';
import { refresh } from './run.ts';
import { app, listing, phase } from './store.ts';

/** What is on offer, and what is not and why. */
export function Runners() {
  const found = listing.value;
  if (found === null || phase.value !== 'idle') return null;
  return (
    <section class="card" aria-label="Runners">
      <h2>
        Runners on offer
        <button type="button" class="plain" onClick={() => void refresh()}>
          refresh
        </button>
      </h2>
      {found.runners.length === 0 ? (
        <p class="quiet">None at the moment.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>App</th>
              <th>Orchestrator</th>
              <th class="right">An hour</th>
              <th class="right">Free</th>
            </tr>
          </thead>
          <tbody>
            {found.runners.map((runner) => (
              <tr key={runner.url}>
                <td>
                  <button
                    type="button"
                    class="plain"
                    onClick={() => {
                      app.value = runner.app;
                    }}
                  >
                    {runner.app}
                  </button>
                </td>
                <td class="quiet">{host(runner.orchestrator)}</td>
                <td class="right number">
                  {runner.price?.usdPerHour ? `$${Number(runner.price.usdPerHour).toFixed(2)}` : '—'}
                </td>
                <td class="right number">
                  {runner.capacity.available}/{runner.capacity.total}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {[
        ...found.refusals.map((refusal) => ({ where: refusal.runner ?? refusal.orchestrator, ...refusal })),
        ...found.failures.map((failure) => ({ where: failure.source, ...failure })),
      ].map(({ where, code, message }) => (
        <p class="quiet small" key={`${where}${code}`}>
          {host(where)}: {message} ({code})
        </p>
      ))}
    </section>
  );
}
