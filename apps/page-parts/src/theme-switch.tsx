import { signal } from '@preact/signals';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'judge-theme';
const theme = signal<Theme>('auto');

/** Reads what was chosen last time; to be called before the first paint. */
export function applyTheme(): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (THEMES.includes(kept as Theme)) set(kept as Theme);
  } catch {
    // a browser that keeps nothing: the system's choice
  }
}

function set(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
}

/** Goes round: as the system has it, light, dark. */
export function ThemeSwitch() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Colours: ${theme.value === 'auto' ? 'as the system has them' : theme.value}. Switch to ${next}.`}
      title={`Colours: ${theme.value}`}
      onClick={() => {
        set(next);
        try {
          localStorage.setItem(KEY, next);
        } catch {
          // as above: it holds until the page is left
        }
      }}
    >
      <span aria-hidden="true">{{ auto: '◐', light: '☀', dark: '☾' }[theme.value]}</span>
    </button>
  );
}
