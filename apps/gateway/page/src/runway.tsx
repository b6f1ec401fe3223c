import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { history, running, status } from './store.ts';
import { theme } from './theme.ts';

/** A full gauge, in seconds. */
const FULL_SECONDS = 30;
const LOW_SECONDS = 8;
const HEIGHT = 130;

/** Seconds of credit left: now, and over time. */
export function Runway() {
  const seconds = running.value ? (status.value?.runwaySeconds ?? null) : null;
  const low = seconds !== null && seconds < LOW_SECONDS;
  return (
    <section class="card" aria-label="Runway">
      <h2>Runway</h2>
      <p class="big number" data-testid="runway">
        {seconds === null ? '—' : seconds.toFixed(1)} <small>seconds paid ahead</small>
      </p>
      <meter
        class={low ? 'low' : ''}
        min={0}
        max={FULL_SECONDS}
        low={LOW_SECONDS}
        optimum={FULL_SECONDS}
        value={seconds ?? 0}
      />
      <Chart />
    </section>
  );
}

/** A colour of the style sheet as a canvas understands it. */
function colour(host: HTMLElement, name: string): string {
  host.style.color = `var(${name})`;
  const value = getComputedStyle(host).color;
  host.style.color = '';
  return value;
}

function Chart() {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const axis = {
      stroke: colour(host, '--quiet'),
      grid: { stroke: colour(host, '--line'), width: 1 },
      ticks: { show: false },
    };
    const plot = new uPlot(
      {
        width: host.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(20, high * 1.1)] } },
        axes: [
          { ...axis, size: 24, values: (_plot, ticks) => ticks.map((tick) => `${tick}s`) },
          { ...axis, size: 34 },
        ],
        series: [
          {},
          {
            stroke: colour(host, '--accent'),
            fill: colour(host, '--accent-soft'),
            width: 2,
            points: { show: false },
          },
        ],
      },
      [[], []],
      host,
    );
    chart.current = plot;
    plot.setData([[...history.peek().at], [...history.peek().runway]]);
    const resize = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    resize.observe(host);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
    // A canvas knows no style sheet: the other theme needs another chart.
  }, [theme.value]);
  const { at, runway } = history.value;
  useEffect(() => chart.current?.setData([[...at], [...runway]]), [at]);
  return <div class="chart" ref={place} />;
}
