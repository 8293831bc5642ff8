export { type Cell, cellsOf, type ShownToken } from './cells.ts';
export { Dialog } from './dialog.tsx';
export { KeyboardHelp, type Shortcut, type ShortcutGroup, useShortcuts } from './keyboard.tsx';
export { Legend } from './legend.tsx';
export { markOf, saySource } from './say-source.ts';
export { applyTheme, ThemeSwitch } from './theme-switch.tsx';
export { TokenText, type TokenTextProps } from './token-text.tsx';
