// SPDX-License-Identifier: MIT
// The frame around every page: what is looked at, the timeline, the tabs, what is selected.
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { isMaximised, openPage } from './frame/begin';
import { openDialog } from './frame/dialogs';
import { Drawer } from './frame/drawer';
import { Header } from './frame/header';
import { Help } from './frame/help';
import { Palette } from './frame/palette';
import { Queries } from './frame/queries';
import { shownKeys } from './keys/table';
import { Guarded } from './parts/guarded';
import { pages } from './pages/page';
import type { Answer } from './source/source';
import { useRows } from './source/use_answer';
import type { Asked } from './source/use_answer';
import { date, run, timeOfMoment } from './store/run';
import type { Moment } from './state/moment';
import { source } from './store/source';
import { asked, linkRefusal, resolved, t, view } from './store/view';
import { fittingSpeed, setSpeed } from './timeline/player';
import { pageTitles } from './state/state';
import { Timeline } from './timeline/timeline';
import './frame/tools.css';

// The length of the run and its peak, for all that moves in it.
function useRun(reel: number): void {
  const columns = useRows(reel, 'Run', {}).value?.columns;
  const moments = useRows(reel, 'Moments', {}).value?.columns;
  useEffect(() => {
    if (!columns) return;
    const [endNs, events] = [columns.duration_ns[0] ?? 0, columns.events[0] ?? 0];
    const [peakEvent, peakNs] = [columns.peak_event[0], columns.peak_t_ns[0]];
    const peak = typeof peakEvent === 'number' ? { events: peakEvent + 1, tNs: peakNs ?? 0 } : null;
    const at = moments?.name.indexOf('worst') ?? -1;
    const [worstEvents, worstNs] = [moments?.events[at], moments?.t_ns[at]];
    const worst = worstEvents === undefined ? null : { events: worstEvents, tNs: worstNs ?? endNs };
    run.value = { endNs, events, peak, worst };
  }, [columns, moments]);
  const isKnown = columns !== undefined;
  useEffect(() => {
    if (isKnown) setSpeed(fittingSpeed(columns.duration_ns[0] ?? 0));
  }, [reel, isKnown]);
}

// The moment as the engine found it: that which is asked for, or while somebody drags one that was.
function useResolved(heap: Asked<Answer<'Heap'>>): void {
  const columns = heap.value?.columns;
  const [events, tNs] = [columns?.events[0], columns?.t_ns[0] ?? 0];
  const [liveBytes, damagedEvents] = [columns?.live_bytes[0] ?? 0, columns?.damaged_events[0] ?? 0];
  useLayoutEffect(() => {
    const found = new URLSearchParams(/\?(\S*)/.exec(heap.key ?? '')?.[1]).get('t');
    if (found === null || events === undefined) return;
    resolved.value = { asked: found, events, tNs, liveBytes, damagedEvents };
    date(found, tNs);
  }, [heap.key, events, tNs, liveBytes, damagedEvents]);
}

// When a mark is, where only the reel can tell.
function useMark(mark: Moment | null): void {
  const wanted = mark !== null && timeOfMoment(mark) === null ? asked(mark) : null;
  const found = useRows(view.value.reel, 'Heap', wanted === null ? null : { t: wanted, process: 0, of: 'mark' });
  const tNs = found.isStale ? undefined : found.value?.columns.t_ns[0];
  useEffect(() => {
    if (wanted !== null && tNs !== undefined) date(wanted, tNs);
  }, [wanted, tNs]);
}

const DIALOGS = { help: Help, palette: Palette, queries: Queries };

export function App() {
  const { page: name, reel, process } = view.value;
  const page = pages.find((one) => one.name === name) ?? pages[0];
  const heap = useRows(reel, 'Heap', { t: t.value, process });
  useRun(reel);
  useResolved(heap);
  useMark(view.value.a);
  useMark(view.value.b);
  // The same element: the page is not drawn anew with the frame, which is several times for each moment.
  const content = useMemo(() => page && <page.Content />, [page]);
  const Open = openDialog.value && DIALOGS[openDialog.value];
  return (
    <div class={isMaximised.value ? 'frame is-maximised' : 'frame'}>
      <a class="skip" href="#page" onClick={skip}>
        Skip to the page
      </a>
      <Guarded what="The head">
        <Header heap={heap} />
      </Guarded>
      <Guarded what="The timeline">
        <Timeline />
      </Guarded>
      {source.Note && <source.Note />}
      <nav aria-label="Pages">
        {pages.map((one) => (
          <button
            key={one.name}
            type="button"
            aria-current={one === page ? 'page' : undefined}
            ref={one === page ? show : null}
            title={shownKeys(`PAGE_${one.name.toUpperCase()}`)}
            onClick={() => openPage(one.name)}
          >
            {pageTitles[one.name]}
          </button>
        ))}
      </nav>
      <div class="body">
        <main id="page" aria-label={page ? pageTitles[page.name] : ''} tabIndex={-1}>
          {linkRefusal.value && (
            <div class="note refusal" role="alert">
              The link could not be taken: {linkRefusal.value}
            </div>
          )}
          {page && (
            <Guarded key={`${page.name} ${reel}`} what={`Page ${pageTitles[page.name]}`}>
              {content}
            </Guarded>
          )}
        </main>
        <Guarded what="What is selected">
          <Drawer />
        </Guarded>
      </div>
      {Open && <Open />}
    </div>
  );
}

// On narrow screens the tabs scroll: the open one is to be seen.
function show(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

// The address is the state's: it is not to become #page.
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('page')?.focus();
}
