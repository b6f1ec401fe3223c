import { settings } from './store.ts';

/** The gateway's settings that matter to whoever looks at the numbers. */
export function SettingsList() {
  const named = Object.entries(settings.value?.named ?? {});
  if (named.length === 0) return null;
  return (
    <details class="settings" open={settings.value?.development === true}>
      <summary>{settings.value?.development === true ? 'Development settings' : 'Settings'}</summary>
      <dl>
        {named.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
