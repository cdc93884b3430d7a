// SPDX-License-Identifier: MIT
// Dialogs of the frame: one at a time. The browser keeps the focus in it and gives it back afterwards.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export const openDialog = signal<'help' | 'palette' | 'queries' | null>(null);

export function closeDialog(): void {
  openDialog.value = null;
}

interface DialogProps {
  title: string;
  class?: string;
  children: ComponentChildren;
}

export function Dialog({ title, class: name = '', children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const own = useRef(openDialog.peek()).current;
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  // The browser tells of Escape later: by then another may have been opened.
  const hasClosed = () => openDialog.peek() === own && closeDialog();
  return (
    <dialog
      ref={dialog}
      class={name}
      aria-label={title}
      onClose={hasClosed}
      onClick={(event) => event.target === event.currentTarget && closeDialog()}
    >
      <div class="stack">
        <div class="row spread">
          <h2>{title}</h2>
          <button type="button" onClick={closeDialog}>
            Close
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
