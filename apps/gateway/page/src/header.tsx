import { phase, running, session, settings } from './store.ts';
import { switchTheme } from './theme.ts';

/** Name, state and links. */
export function Header() {
  const words = { idle: 'ready', opening: 'opening', open: 'running', closing: 'closing' } as const;
  return (
    <header>
      <h1>
        lp <span>gateway</span>
      </h1>
      <p class={`pill ${phase.value}`} data-testid="phase">
        {words[phase.value]}
      </p>
      {settings.value?.development === true && <p class="pill development">development network</p>}
      <nav>
        {running.value && session.value !== null && (
          <span class="quiet mono">{session.value.id.slice(0, 10)}…</span>
        )}
        <a href="/docs">API</a>
        <button type="button" class="plain" onClick={switchTheme} aria-label="Switch between light and dark">
          ◐
        </button>
      </nav>
    </header>
  );
}
