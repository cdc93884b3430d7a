// SPDX-License-Identifier: MIT
// The page begins: theme, state from the address, reels, and then all is drawn.
import 'uplot/dist/uPlot.min.css';
import './theme/theme.css';
import './theme/frame.css';
import { render } from 'preact';
import { App } from './app';
import { refreshReels } from './store/source';
import { beginView } from './store/view';

async function main(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) return;
  beginView();
  try {
    await refreshReels();
  } catch (error) {
    root.textContent = error instanceof Error ? error.message : String(error);
    return;
  }
  render(<App />, root);
}

void main();
