// SPDX-License-Identifier: MIT
// What is shown, for others: a link, the command for the terminal, the queries behind it.
import { useState } from 'preact/hooks';
import { shownKeys } from '~/keys/table';
import { say } from '~/store/said';
import { reels } from '~/store/source';
import { view } from '~/store/view';
import { hashOf, statePrint } from '~/state/print';
import { walk } from '~/timeline/range_menu';
import { openDialog } from './dialogs';
import { commandOf } from './command';

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say(`not allowed to copy here: ${text}`);
  }
}

export function copyLink(): void {
  void copy(`${location.origin}${location.pathname}${hashOf(view.peek())}`, 'link');
}

export function copyCommand(): void {
  const name = reels.peek()[view.peek().reel]?.name ?? '';
  void copy(commandOf(name, statePrint(view.peek())), 'command');
}

const ITEMS: readonly (readonly [string, string, () => void])[] = [
  ['Copy link', 'LINK', copyLink],
  ['Copy terminal command', 'COMMAND', copyCommand],
  ['Show queries', '', () => (openDialog.value = 'queries')],
];

export function Share() {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <span
      class="share"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) close();
      }}
    >
      <button type="button" aria-haspopup="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Share
      </button>
      {isOpen && (
        <div class="menu" role="menu" aria-label="Share" ref={focusFirst} onKeyDown={(event) => walk(event, close)}>
          {ITEMS.map(([title, action, act]) => (
            <button
              key={title}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                act();
              }}
            >
              {title} {action && <kbd>{shownKeys(action)}</kbd>}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}

function focusFirst(menu: HTMLElement | null): void {
  if (!menu?.contains(document.activeElement)) menu?.querySelector<HTMLElement>('button')?.focus();
}
