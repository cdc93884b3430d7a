// SPDX-License-Identifier: MIT
// The frame around every page: what is looked at, the timeline, the tabs, what is selected.
import { useEffect } from 'preact/hooks';
import { openPage } from './frame/begin';
import { Drawer } from './frame/drawer';
import { Header } from './frame/header';
import { pages } from './pages/page';
import type { Answer } from './source/source';
import { useRows } from './source/use_answer';
import type { Asked } from './source/use_answer';
import { date, run } from './store/run';
import { linkRefusal, resolved, t, view } from './store/view';
import { fittingSpeed, setSpeed } from './timeline/player';
import { Timeline } from './timeline/timeline';

// The length of the run and its peak, for all that moves in it.
function useRun(reel: number): void {
  const columns = useRows(reel, 'Run', {}).value?.columns;
  useEffect(() => {
    if (!columns) return;
    const [endNs, events] = [columns.duration_ns[0] ?? 0, columns.events[0] ?? 0];
    const [peakEvent, peakNs] = [columns.peak_event[0], columns.peak_t_ns[0]];
    const peak = typeof peakEvent === 'number' ? { events: peakEvent + 1, tNs: peakNs ?? 0 } : null;
    run.value = { endNs, events, peak, worst: null };
  }, [columns]);
  const isKnown = columns !== undefined;
  useEffect(() => {
    if (isKnown) setSpeed(fittingSpeed(columns.duration_ns[0] ?? 0));
  }, [reel, isKnown]);
}

// The moment as the engine found it: that which is asked for, or while somebody drags one that was.
function useResolved(heap: Asked<Answer<'Heap'>>): void {
  const columns = heap.value?.columns;
  const [events, tNs] = [columns?.events[0], columns?.t_ns[0] ?? 0];
  useEffect(() => {
    const asked = new URLSearchParams(/\?(\S*)/.exec(heap.key ?? '')?.[1]).get('t');
    if (asked === null || events === undefined) return;
    resolved.value = { asked, events, tNs };
    date(asked, tNs);
  }, [heap.key, events, tNs]);
}

export function App() {
  const { page: name, reel } = view.value;
  const page = pages.find((one) => one.name === name) ?? pages[0];
  const heap = useRows(reel, 'Heap', { t: t.value, process: view.value.process });
  useRun(reel);
  useResolved(heap);
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
            onClick={() => openPage(one.name)}
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
