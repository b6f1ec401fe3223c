import { useSignal } from '@preact/signals';
import { apiKey, rememberApiKey } from './api.ts';
import { refresh } from './run.ts';
import { needsKey, problem } from './store.ts';

/** Asks for the API key where the gateway wants one. It stays in this tab. */
export function KeyForm() {
  const draft = useSignal(apiKey());
  if (!needsKey.value) return null;
  return (
    <form
      class="card row"
      onSubmit={(event) => {
        event.preventDefault();
        rememberApiKey(draft.value);
        problem.value = null;
        void refresh();
      }}
    >
      <label>
        API key
        <input
          type="password"
          autocomplete="off"
          value={draft.value}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit">Use</button>
    </form>
  );
}
