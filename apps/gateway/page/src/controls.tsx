import type { RefObject } from 'preact';
import { start, stop } from './run.ts';
import type { SourceKind } from './source.ts';
import { app, apps, maxSpendEth, params, phase, source } from './store.ts';

/** What to run, and start and stop. */
export function Controls({
  input,
  output,
}: {
  input: RefObject<HTMLCanvasElement | null>;
  output: RefObject<HTMLCanvasElement | null>;
}) {
  const idle = phase.value === 'idle';
  const begin = () => {
    if (input.current !== null && output.current !== null) void start(input.current, output.current);
  };
  return (
    <form
      class="card controls"
      onSubmit={(event) => {
        event.preventDefault();
        if (idle) begin();
        else void stop();
      }}
    >
      <label>
        App
        <input
          list="apps"
          required
          disabled={!idle}
          value={app.value}
          placeholder="lp/edges"
          onInput={(event) => {
            app.value = event.currentTarget.value;
          }}
        />
        <datalist id="apps">
          {apps.value.map((name) => (
            <option value={name} key={name} />
          ))}
        </datalist>
      </label>
      <label>
        Source
        <select
          disabled={!idle}
          value={source.value}
          onChange={(event) => {
            source.value = event.currentTarget.value as SourceKind;
          }}
        >
          <option value="pattern">Moving picture</option>
          <option value="camera">Camera</option>
        </select>
      </label>
      <label>
        Parameters
        <input
          class="mono"
          disabled={!idle}
          value={params.value}
          spellcheck={false}
          onInput={(event) => {
            params.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        Spend at most
        <input
          class="number"
          inputMode="decimal"
          disabled={!idle}
          value={maxSpendEth.value}
          placeholder="ETH, no limit"
          onInput={(event) => {
            maxSpendEth.value = event.currentTarget.value;
          }}
        />
      </label>
      <button
        type="submit"
        class={idle ? 'go' : 'halt'}
        disabled={phase.value === 'opening' || phase.value === 'closing'}
        data-testid="toggle"
      >
        {{ idle: 'Start', opening: 'Opening…', open: 'Stop', closing: 'Closing…' }[phase.value]}
      </button>
    </form>
  );
}
