// SPDX-License-Identifier: MIT
// Zones and size classes: which are full, which waste, since when. The matrix is of the stretch that the timeline shows,
// the tables are of the moment.
import '~/parts/identity_bar.css';
import './classes.css';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { NotFiltered } from '~/parts/not_filtered';
import type { Page } from '~/pages/page';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { passingOf } from '~/store/passing';
import { filter, isMoving, selection, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { ClassCard } from './class_card';
import { ClassTable, Sum, classRows } from './class_table';
import type { Beside } from './class_table';
import { Matrix } from './matrix_sheet';
import { Zones } from './zone_table';
import { groupsOf } from './zones';
import type { Groups } from './zones';

function Content() {
  const { reel, process } = view.value;
  const [wantsAges, setWantsAges] = useState(false);
  const at = { t: t.value, process };
  const rested = isMoving.value ? null : at;
  const classes = useRows(reel, 'Classes', at);
  const blame = useRows(reel, 'ClassBlame', rested);
  const ages = useRows(reel, 'ClassAges', wantsAges ? rested : null);
  const { passing, refusal } = usePassing(rested);
  const zones = useRows(reel, 'ClassZones', {}).value?.columns;
  const groups = useMemo(() => zones && groupsOf(zones), [zones]);
  const matrix = useMemo(() => <Matrix passing={passing} groups={groups} />, [passing, groups]);
  const [columns, blamed, aged] = [classes.value?.columns, blame.value?.columns, ages.value?.columns];
  // Drawn once for each answer, not for each question.
  const tables = useMemo(
    () =>
      columns && (
        <Tables
          columns={columns}
          beside={{ blame: blamed, ages: wantsAges ? aged : undefined, passing }}
          groups={groups}
          wantsAges={wantsAges}
          onAges={() => setWantsAges(!wantsAges)}
        />
      ),
    [columns, blamed, aged, passing, groups, wantsAges],
  );
  return (
    <div class="stack">
      <NotFiltered refusal={refusal} />
      {matrix}
      <Answered asked={classes} what="classes">
        {() => tables}
      </Answered>
    </div>
  );
}

/** What the selected stack and the filter leave of each class; all of it where neither is. */
function usePassing(rested: { t: string; process: number } | null) {
  const wanted = passingOf(selection.value, filter.value, false);
  const asked = useRows(view.value.reel, 'PassingClasses', wanted && rested ? { ...rested, ...wanted } : null);
  const isTold = wanted !== null && asked.refusal === undefined;
  return { passing: isTold ? asked.value?.columns : undefined, refusal: wanted ? asked.refusal : undefined };
}

/** Pages that blocks of a class pin, and those that they alone keep; null: not counted yet. */
function pinnedPages({ blame }: Beside, number: number): { pages: number | null; alone: number | null } {
  const row = blame?.class_number.indexOf(number) ?? -1;
  if (!blame) return { pages: null, alone: null };
  return { pages: blame.pinned_pages[row] ?? 0, alone: blame.alone_pages[row] ?? 0 };
}

interface TablesProps {
  columns: Columns<'Classes'>;
  beside: Beside;
  groups: Groups | null | undefined;
  wantsAges: boolean;
  onAges: () => void;
}

function Tables({ columns, beside, groups, wantsAges, onAges }: TablesProps) {
  const rows = useMemo(() => classRows(columns, beside), [columns, beside.blame, beside.ages, beside.passing]);
  const chosen = rows.find((row) => row.class_number === selection.value.class);
  const names = rows.map((row) => `${row.class_number} ${classSize(row)}`).join();
  const nameOf = useCallback(
    (number: number) => {
      const found = rows.find((row) => row.class_number === number);
      return found ? classSize(found) : `#${number}`;
    },
    [names],
  );
  const zones = useMemo(() => <Zones nameOf={nameOf} />, [nameOf]);
  return (
    <div class="stack">
      <section class="panel stack" aria-label="Classes at the moment">
        <div class="row">
          <h2>At the moment</h2>
          <Sum rows={rows} />
          <button type="button" aria-pressed={wantsAges} title="A look at all blocks" onClick={onAges}>
            Oldest
          </button>
        </div>
        {chosen && <ClassCard row={chosen} {...pinnedPages(beside, chosen.class_number)} />}
        <ClassTable rows={rows} groups={groups} hasAges={wantsAges} />
      </section>
      {zones}
    </div>
  );
}

export const page: Page = { name: 'classes', Content };
