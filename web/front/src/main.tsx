// SPDX-License-Identifier: MIT
// The page begins: theme, state from the address, reels, and then all is drawn.
import 'uplot/dist/uPlot.min.css';
import './theme/theme.css';
import './theme/frame.css';
import { render } from 'preact';
import { App } from './app';
import { beginActions } from './frame/begin';
import { beginKeys } from './keys/listen';
import { beginLive, isLive } from './store/live';
import { refreshReels } from './store/source';
import { beginTheme } from './store/theme';
import { beginView } from './store/view';
import { follow } from './timeline/travel';

async function main(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) return;
  beginTheme();
  beginView();
  beginActions();
  beginKeys();
  try {
    await refreshReels();
  } catch (error) {
    root.textContent = error instanceof Error ? error.message : String(error);
    return;
  }
  if (location.hash.length < 2 && isLive.peek()) follow();
  render(<App />, root);
  beginLive();
}

void main();
