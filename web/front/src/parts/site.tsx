// SPDX-License-Identifier: MIT
// A call stack in one line, from the text that stack_text gives; selecting it selects it in all pages.
import { isLeftOut, isOfStandardLibrary } from '~/draw/left_out';
import { baseName, nameless } from '~/text/stack';
import { change, view } from '~/store/view';
import type { Page } from '~/state/state';

const SHOWN_FRAMES = 3;
const PLACE = / \([^()]*\)$/;
const PATH = / \(([^()]*\/[^()]*)\)/g;

/**
 * The innermost frames, files without their folders: "f (file.c:12) < g (file.c:40) < ..." The ways to malloc before them
 * are left out, as in call trees, and so is the language's library: all C++ would be "operator new", or std::vector's.
 */
export function shortStack(stack: number | null, text: string | null, frames = SHOWN_FRAMES): string {
  if (!text) return nameless(stack);
  const whole = text.split(' < ');
  const called = whole.filter((frame) => !isLeftOut(frame.replace(PLACE, ''), null));
  const own = called.find((frame) => !isOfStandardLibrary(frame)) ?? called[0] ?? whole[0] ?? '';
  const all = whole
    .slice(whole.indexOf(own))
    .map((frame) => frame.replace(PATH, (_, path: string) => ` (${baseName(path)})`));
  return all.slice(0, frames).join(' < ') + (all.length > frames ? ' < ...' : '');
}

/** The innermost frame alone. */
export function innermost(stack: number | null, text: string | null): string {
  return shortStack(stack, text, 1).replace(/ < \.\.\.$/, '');
}

interface SiteProps {
  stack: number | null;
  text: string | null;
  /** Where a click leads, with the stack selected. */
  page?: Page;
  frames?: number;
}

export function Site({ stack, text, page, frames }: SiteProps) {
  const select = () => {
    const selection = { ...view.peek().selection, stack };
    change(page ? { page, selection, sort: null } : { selection }, 'push');
  };
  return (
    <button
      type="button"
      class="plain site"
      title={text ?? ''}
      aria-pressed={stack !== null && view.value.selection.stack === stack}
      onClick={select}
    >
      {shortStack(stack, text, frames)}
    </button>
  );
}
