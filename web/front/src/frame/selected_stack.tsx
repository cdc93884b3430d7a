// SPDX-License-Identifier: MIT
// The selected call stack with all its frames, innermost first.
import { useState } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { Copy } from '~/parts/copy';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { view } from '~/store/view';
import { formatText } from '~/text/foreign';
import { baseName, frameName, functionName, isOwnModule, nameless, placeName } from '~/text/stack';
import type { Frame } from '~/text/stack';
import { Card } from './drawer';

function FrameLine({ frame }: { frame: Frame }) {
  const place = placeName(frame);
  const module = frame.module === null ? '' : formatText(baseName(frame.module));
  const title = [frame.file ?? '', frame.module ?? ''].filter((text) => text !== '').map((text) => formatText(text));
  return (
    <li class={isOwnModule(frame.module) ? 'quiet' : ''} title={title.join('\n')}>
      <span class="mono">{functionName(frame)}</span> <span class="quiet">{place || `[${module}]`}</span>
    </li>
  );
}

export function SelectedStack({ stack }: { stack: number }) {
  const [hasOwn, setOwn] = useState(false);
  const answer = useRows(view.value.reel, 'Stack', { stack });
  return (
    <Card title={`Stack ${stack}`} part="stack" pages={['stacks', 'sites', 'blocks', 'map', 'classes']}>
      <Answered asked={answer} what="its frames">
        {({ columns }) => {
          const frames = rowsOf(columns).map((row): Frame => ({ ...row, offset: row.address_offset }));
          const ofProgram = frames.filter((frame) => !isOwnModule(frame.module));
          const shown = hasOwn || ofProgram.length === 0 ? frames : ofProgram;
          const isCut = columns.is_cut.includes(1);
          return (
            <div class="stack">
              {frames.length === 0 && <div class="note">{nameless(0)}</div>}
              <ol class="frames">
                {shown.map((frame, place) => (
                  <FrameLine key={place} frame={frame} />
                ))}
                {isCut && <li class="quiet">further out the recording keeps no frames (--depth)</li>}
              </ol>
              <div class="row">
                {shown.length > 0 && <Copy text={shown.map(frameName).join('\n')}>Copy</Copy>}
                {ofProgram.length > 0 && ofProgram.length < frames.length && (
                  <label>
                    <input type="checkbox" checked={hasOwn} onChange={() => setOwn(!hasOwn)} /> Heapreel's own frames
                  </label>
                )}
              </div>
            </div>
          );
        }}
      </Answered>
    </Card>
  );
}
