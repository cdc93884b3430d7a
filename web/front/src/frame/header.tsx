// SPDX-License-Identifier: MIT
// What is looked at and its figures, what is filtered and searched for, and what the frame itself can do.
import type { ComponentChildren } from 'preact';
import { shownKeys } from '~/keys/table';
import { rowsOf } from '~/source/rows';
import type { Answer } from '~/source/source';
import type { Asked } from '~/source/use_answer';
import { useRows } from '~/source/use_answer';
import { reels } from '~/store/source';
import { chosenTheme, nextTheme } from '~/store/theme';
import { change, view } from '~/store/view';
import { formatText } from '~/text/foreign';
import { baseName } from '~/text/stack';
import { Badges } from './badges';
import { openReel } from './begin';
import { Chips } from './chips';
import { openDialog } from './dialogs';
import { Figures } from './figures';
import { Search } from './search';
import { Share } from './share';

function Reel() {
  if (reels.value.length < 2) return <span class="mono">{reels.value[0]?.name}</span>;
  return (
    <select aria-label="Reel" value={view.value.reel} onChange={(event) => openReel(Number(event.currentTarget.value))}>
      {reels.value.map((reel) => (
        <option key={reel.reel} value={reel.reel}>
          {reel.name}
        </option>
      ))}
    </select>
  );
}

function Process() {
  const answer = useRows(view.value.reel, 'Processes', {}).value;
  const processes = answer ? rowsOf(answer.columns) : [];
  if (processes.length < 2) return null;
  return (
    <select
      aria-label="Process"
      class="process"
      value={view.value.process}
      onChange={(event) => change({ process: Number(event.currentTarget.value) }, 'push')}
    >
      <option value={0}>all processes</option>
      {processes.map(({ process, pid, command }) => (
        <option key={process} value={process}>
          {`${pid} ${formatText(baseName((command ?? '').split(' ')[0] ?? ''))}`}
        </option>
      ))}
    </select>
  );
}

const THEMES = { system: '◐', light: '☀', dark: '☾' } as const;

function Tool({
  name,
  action,
  act,
  children,
}: {
  name: string;
  action: string;
  act: () => void;
  children: ComponentChildren;
}) {
  return (
    <button type="button" aria-label={name} title={`${name} (${shownKeys(action)})`} onClick={act}>
      {children}
    </button>
  );
}

export function Header({ heap }: { heap: Asked<Answer<'Heap'>> }) {
  return (
    <header>
      <h1>Heapreel</h1>
      <Reel />
      <Process />
      <Badges />
      <Figures heap={heap} />
      <span class="tools row">
        <Chips />
        <Search />
        <Tool name="Find and do anything" action="PALETTE" act={() => (openDialog.value = 'palette')}>
          Find
        </Tool>
        <Share />
        <Tool name={`Theme: ${chosenTheme.value}`} action="THEME" act={nextTheme}>
          {THEMES[chosenTheme.value]}
        </Tool>
        <Tool name="Help: all keys" action="HELP" act={() => (openDialog.value = 'help')}>
          ?
        </Tool>
      </span>
    </header>
  );
}
