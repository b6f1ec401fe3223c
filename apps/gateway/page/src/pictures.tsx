import type { RefObject } from 'preact';
import { PICTURE } from './source.ts';
import { latencyMs, outputFps, phase, running, status } from './store.ts';

/** What goes in and what comes out, side by side. */
export function Pictures({
  input,
  output,
}: {
  input: RefObject<HTMLCanvasElement | null>;
  output: RefObject<HTMLCanvasElement | null>;
}) {
  const frames = status.value?.frames;
  const waiting =
    phase.value === 'opening' ? 'Reserving a runner and paying for it…' : 'Start a session to see pictures.';
  return (
    <section class="pictures" aria-label="Pictures">
      <figure>
        <canvas
          ref={input}
          width={PICTURE.width}
          height={PICTURE.height}
          aria-label="Input picture"
          data-testid="input"
        />
        <figcaption>
          <span>input</span>
          <span class="quiet number">
            {frames === undefined
              ? ''
              : `${frames.received} sent${frames.droppedInput > 0 ? `, ${frames.droppedInput} left out` : ''}`}
          </span>
        </figcaption>
      </figure>
      <figure>
        <div class="screen">
          <canvas
            ref={output}
            width={PICTURE.width}
            height={PICTURE.height}
            aria-label="Output picture"
            data-testid="output"
          />
          {latencyMs.value === null && (
            <p class="overlay">{running.value ? 'Waiting for the first picture…' : waiting}</p>
          )}
        </div>
        <figcaption>
          <span>output</span>
          <span class="quiet number">
            {latencyMs.value === null
              ? ''
              : `${outputFps.value} per second · ${latencyMs.value.toFixed(0)} ms round trip`}
          </span>
        </figcaption>
      </figure>
    </section>
  );
}
