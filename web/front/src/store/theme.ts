// SPDX-License-Identifier: MIT
// Light, dark, or as the system has it; kept in this browser.
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'heapreel-theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];
const system = matchMedia('(prefers-color-scheme: dark)');

// A page opened from a file may have no storage.
function kept(): Theme {
  try {
    return order.find((name) => name === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

export const chosenTheme = signal<Theme>(kept());
/** What is drawn: for canvases, which know no style sheet. */
export const theme = signal<'light' | 'dark'>('light');

function apply(): void {
  const chosen = chosenTheme.peek();
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  theme.value = chosen === 'system' ? (system.matches ? 'dark' : 'light') : chosen;
}

function chooseTheme(chosen: Theme): void {
  chosenTheme.value = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // It lasts as long as the page.
  }
  apply();
}

export function nextTheme(): void {
  chooseTheme(order[(order.indexOf(chosenTheme.peek()) + 1) % order.length] ?? 'system');
}

/** Before anything is drawn. */
export function beginTheme(): void {
  apply();
  system.addEventListener('change', apply);
}
