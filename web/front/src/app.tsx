// SPDX-License-Identifier: MIT
// The frame around every page: what is looked at, the timeline, the tabs, what is selected.
import { useEffect } from 'preact/hooks';
import { Drawer } from './frame/drawer';
import { Header } from './frame/header';
import { pages } from './pages/page';
import { useRows } from './source/use_answer';
import { linkRefusal, resolved, t, view } from './store/view';
import { change } from './store/view';
import { Timeline } from './timeline/timeline';

export function App() {
  const { page: name, reel } = view.value;
  const page = pages.find((one) => one.name === name) ?? pages[0];
  const heap = useRows(reel, 'Heap', { t: t.value, process: view.value.process });
  const columns = heap.value?.columns;
  const events = columns?.events[0];
  const tNs = columns?.t_ns[0];
  useEffect(() => {
    if (typeof events === 'number') resolved.value = { asked: t.peek(), events, tNs: tNs ?? 0 };
  }, [events, tNs]);
  return (
    <div class="frame">
      <Header heap={heap} />
      <Timeline />
      <nav aria-label="Pages">
        {pages.map((one) => (
          <button
            key={one.name}
            type="button"
            aria-current={one === page ? 'page' : undefined}
            onClick={() => change({ page: one.name, sort: null }, 'push')}
          >
            {one.title}
          </button>
        ))}
      </nav>
      <div class="body">
        <main id="page" aria-label={page?.title} tabIndex={-1}>
          {linkRefusal.value && (
            <div class="note refusal" role="alert">
              The link could not be taken: {linkRefusal.value}
            </div>
          )}
          {page && <page.Content />}
        </main>
        <Drawer />
      </div>
    </div>
  );
}
