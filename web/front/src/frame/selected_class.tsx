// SPDX-License-Identifier: MIT
// The selected size class and its figures at the moment.
import { Answered } from '~/parts/answered';
import { rowOf } from '~/source/rows';
import type { RowOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { exactBytes, formatBytes, formatCount, formatShare } from '~/text/format';
import { Card } from './drawer';

type Row = RowOf<Columns<'Classes'>>;

function bytes(value: number): { text: string; title: string } {
  return { text: formatBytes(value), title: exactBytes(value) };
}

function figuresOf(row: Row): [string, { text: string; title?: string }][] {
  const count = (value: number) => ({ text: formatCount(value) });
  const { carved_slots: carved, peak_live_slots: peak } = row;
  return [
    ['blocks', count(row.live_blocks)],
    ['live', bytes(row.live_bytes)],
    ['usable', bytes(row.usable_bytes)],
    ['rounding', bytes(row.rounding_bytes)],
    ['rounding of usable', { text: formatShare(row.rounding_bytes, row.usable_bytes) }],
    ...(carved === null ? [] : [['carved slots', count(carved)] as [string, { text: string }]]),
    ...(peak === null ? [] : [['most live slots', count(peak)] as [string, { text: string }]]),
  ];
}

export function SelectedClass({ number }: { number: number }) {
  const { reel, process, filter } = view.value;
  const classes = useRows(reel, 'Classes', { t: t.value, process });
  const at = classes.value?.columns.class_number.indexOf(number) ?? -1;
  const row = classes.value && at >= 0 ? rowOf(classes.value.columns, at) : null;
  return (
    <Card title={`Class ${row ? classSize(row) : `#${number}`}`} part="class" pages={['classes', 'map', 'blocks']}>
      <Answered asked={classes} what="the class">
        {() =>
          row ? (
            <dl class="figures">
              {figuresOf(row).map(([name, { text, title }]) => (
                <>
                  <dt>{name}</dt>
                  <dd title={title ?? ''}>{text}</dd>
                </>
              ))}
            </dl>
          ) : (
            <div class="note">It has had no block up to this moment.</div>
          )
        }
      </Answered>
      {filter.class !== number && (
        <button type="button" onClick={() => change({ filter: { ...filter, class: number } }, 'push')}>
          Show only this class
        </button>
      )}
    </Card>
  );
}
