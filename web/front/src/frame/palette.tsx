// SPDX-License-Identifier: MIT
// The command palette: actions, pages, moments, processes and the functions that own most, by a part of their name.
import { useMemo, useState } from 'preact/hooks';
import { keys } from 'virtual:keys';
import { actionOf } from '~/keys/actions';
import { shownKeys } from '~/keys/table';
import { shortStack } from '~/parts/site';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { timeOfMoment } from '~/store/run';
import { change, t, view } from '~/store/view';
import { pages, pageTitles } from '~/state/state';
import type { Moment } from '~/state/moment';
import { formatBytes, formatTime } from '~/text/format';
import { destinationOf } from '~/timeline/goto';
import { travelTo } from '~/timeline/travel';
import { openPage } from './begin';
import { closeDialog, Dialog } from './dialogs';
import { found } from './find';
import type { Entry } from './find';

const SHOWN_MOST = 14;
const STACKS = 200;

function actionEntries(): Entry[] {
  const rows = keys.filter(({ action }) => !action.startsWith('PAGE_') && action !== 'PALETTE' && actionOf(action));
  return rows.map(({ action, help }) => ({
    title: help,
    kind: 'do',
    hint: shownKeys(action),
    act: () => actionOf(action)?.(),
  }));
}

function pageEntries(): Entry[] {
  return pages.map((page) => ({
    title: pageTitles[page],
    kind: 'page',
    hint: shownKeys(`PAGE_${page.toUpperCase()}`),
    act: () => openPage(page),
  }));
}

function momentEntries(): Entry[] {
  const { a, b } = view.peek();
  const named: [string, Moment | null][] = [
    ['beginning', { events: 0 }],
    ['peak: most live bytes', { text: 'peak' }],
    ['worst: most waste', { text: 'worst' }],
    ['end', { text: 'end' }],
    ['mark A', a],
    ['mark B', b],
  ];
  return named.flatMap(([title, moment]) => {
    const ns = timeOfMoment(moment);
    return moment
      ? [{ title, kind: 'moment', hint: ns === null ? '' : formatTime(ns), act: () => travelTo(moment) }]
      : [];
  });
}

function processEntries(columns: { process: number[]; pid: number[]; command: (string | null)[] }): Entry[] {
  const own = rowsOf(columns).map(({ process, pid, command }) => ({
    title: `${pid} ${command ?? ''}`,
    kind: 'process',
    hint: '',
    act: () => change({ process }, 'push'),
  }));
  return own.length > 1
    ? [{ title: 'all', kind: 'process', hint: '', act: () => change({ process: 0 }, 'push') }, ...own]
    : [];
}

function selectStack(stack: number | null): void {
  const { page, selection } = view.peek();
  const isThere = page === 'stacks' || page === 'sites';
  change({ selection: { ...selection, stack }, ...(isThere ? {} : { page: 'stacks', sort: null }) }, 'push');
}

// What was written may be a moment or an address itself.
function writtenEntry(written: string): Entry[] {
  try {
    const place = destinationOf(written, view.peek());
    const act = () =>
      'moment' in place
        ? travelTo(place.moment)
        : change({ selection: { ...view.peek().selection, place: place.place }, page: 'blocks' }, 'push');
    return [{ title: written.trim(), kind: 'go to', hint: '', act }];
  } catch {
    return [];
  }
}

function useEntries(): Entry[] {
  const { reel, process, measure } = view.value;
  const processes = useRows(reel, 'Processes', {}).value?.columns;
  const top = useRows(reel, 'Top', { t: t.value, process, measure, count: STACKS }).value?.columns;
  return useMemo(() => {
    const stacks = (top ? rowsOf(top) : []).map(({ stack, text, bytes }) => ({
      title: shortStack(stack, text),
      kind: 'stack',
      hint: formatBytes(bytes),
      words: text ?? '',
      act: () => selectStack(stack),
    }));
    return [
      ...pageEntries(),
      ...momentEntries(),
      ...actionEntries(),
      ...(processes ? processEntries(processes) : []),
      ...stacks,
    ];
  }, [processes, top]);
}

export function Palette() {
  const [written, setWritten] = useState('');
  const [at, setAt] = useState(0);
  const entries = useEntries();
  const shown = [...writtenEntry(written), ...found(entries, written, SHOWN_MOST)];
  const chosen = Math.min(at, shown.length - 1);
  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    closeDialog();
    // Once the dialog has given the focus back: an action may want it.
    setTimeout(entry.act);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, shown.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') take(shown[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Find and do" class="palette">
      <input
        autofocus
        role="combobox"
        aria-label="A part of its name"
        aria-expanded={true}
        aria-controls="palette-list"
        aria-activedescendant={shown.length > 0 ? `palette-${chosen}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder="an action, a page, a moment (12.5s, #1000, 40%), a function"
        value={written}
        onInput={(event) => {
          setWritten(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      <ul id="palette-list" role="listbox" aria-label="Found" class="palette-list">
        {shown.map((entry, place) => (
          <li
            key={place}
            id={`palette-${place}`}
            role="option"
            aria-selected={place === chosen}
            onClick={() => take(entry)}
          >
            <span class="quiet">{entry.kind}</span>
            <span class="title">{entry.title}</span>
            <span class="quiet">{entry.hint}</span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <div class="note">Nothing has that name.</div>}
    </Dialog>
  );
}
