// SPDX-License-Identifier: MIT
// What is selected, in all pages: a class, a stack, a stretch of memory; where else it can be seen, and the way to let go.
import type { ComponentChildren } from 'preact';
import { change, select, view } from '~/store/view';
import { pageTitles } from '~/state/state';
import type { Page, Selection } from '~/state/state';
import { openPage } from './begin';
import { SelectedClass } from './selected_class';
import { SelectedPlace } from './selected_place';
import { SelectedStack } from './selected_stack';
import './drawer.css';

const NONE: Selection = { class: null, stack: null, place: null };

export interface CardProps {
  title: string;
  part: keyof Selection;
  /** Pages that show it. */
  pages: readonly Page[];
  children: ComponentChildren;
}

// These pages have a card of their own for what is selected.
const OWN_CARDS: Readonly<Partial<Record<Page, keyof Selection>>> = { classes: 'class', map: 'place', blocks: 'place' };

// The map shows the pages of a stack when that is what its colours mean.
function show(part: keyof Selection, page: Page): void {
  if (part === 'stack' && page === 'map') change({ colour: 'stack' });
  openPage(page);
}

/** One selected thing. */
export function Card({ title, part, pages, children }: CardProps) {
  return (
    <section class="stack card" aria-label={title}>
      <div class="row spread">
        <h3>{title}</h3>
        <button type="button" aria-label={`Let go of: ${title}`} onClick={() => select({ [part]: null })}>
          ×
        </button>
      </div>
      {children}
      <div class="row">
        <span class="quiet">show in</span>
        {pages
          .filter((page) => page !== view.value.page)
          .map((page) => (
            <button key={page} type="button" onClick={() => show(part, page)}>
              {pageTitles[page]}
            </button>
          ))}
      </div>
    </section>
  );
}

export function Drawer() {
  const { selection, page } = view.value;
  const shown = { ...selection, ...(OWN_CARDS[page] ? { [OWN_CARDS[page]]: null } : {}) };
  const { class: chosen, stack, place } = shown;
  const count = [chosen, stack, place].filter((part) => part !== null).length;
  if (count === 0) return null;
  return (
    <aside aria-label="Selection" class="stack">
      <div class="row spread">
        <h2>Selected</h2>
        {count > 1 && (
          <button type="button" onClick={() => change({ selection: NONE }, 'push')}>
            Clear all
          </button>
        )}
      </div>
      {stack !== null && <SelectedStack stack={stack} />}
      {chosen !== null && <SelectedClass number={chosen} />}
      {place !== null && <SelectedPlace place={place} />}
    </aside>
  );
}
