// SPDX-License-Identifier: MIT
// What is selected, in all pages: a class, a stack, a stretch of memory; and the way to let go of it.
import { change, view } from '~/store/view';

export function Drawer() {
  const { class: chosen, stack, place } = view.value.selection;
  if (chosen === null && stack === null && place === null) return null;
  return (
    <aside aria-label="Selection">
      <div class="row spread">
        <h2>Selected</h2>
        <button type="button" onClick={() => change({ selection: { class: null, stack: null, place: null } }, 'push')}>
          Clear
        </button>
      </div>
    </aside>
  );
}
