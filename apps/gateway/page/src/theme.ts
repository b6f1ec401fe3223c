import { computed, effect, signal } from '@preact/signals';

const THEME = 'lp-gateway-theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const remembered = localStorage.getItem(THEME);
const wanted = signal(remembered === 'dark' || remembered === 'light' ? remembered : null);
const system = signal<'dark' | 'light'>(systemIsDark.matches ? 'dark' : 'light');
systemIsDark.addEventListener('change', ({ matches }) => {
  system.value = matches ? 'dark' : 'light';
});
/** What the page looks like: as the person said, else as the system says. */
export const theme = computed(() => wanted.value ?? system.value);

/** Light instead of dark, and the other way round; remembered. */
export function switchTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  wanted.value = next;
  localStorage.setItem(THEME, next);
}

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});
