import { useRef } from 'preact/hooks';
import { Controls } from './controls.tsx';
import { EventLog } from './event-log.tsx';
import { Faults } from './faults.tsx';
import { Header } from './header.tsx';
import { KeyForm } from './key-form.tsx';
import { Money } from './money.tsx';
import { Pictures } from './pictures.tsx';
import { Runners } from './runners.tsx';
import { Runway } from './runway.tsx';
import { SettingsList } from './settings-list.tsx';

/** The whole page. */
export function Page() {
  const input = useRef<HTMLCanvasElement>(null);
  const output = useRef<HTMLCanvasElement>(null);
  return (
    <>
      <Header />
      <main>
        <Faults />
        <KeyForm />
        <div class="columns">
          <div class="column wide">
            <Pictures input={input} output={output} />
            <Controls input={input} output={output} />
            <Runners />
            <EventLog />
          </div>
          <div class="column">
            <Runway />
            <Money />
          </div>
        </div>
        <SettingsList />
      </main>
    </>
  );
}
