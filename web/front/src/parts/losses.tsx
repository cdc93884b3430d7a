// SPDX-License-Identifier: MIT
// What is missing from the recording, in words.
import { Answered } from './answered';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { resolved, view } from '~/store/view';
import { adviceDamaged, adviceMissing } from '~/text/advice';

export function LossList() {
  const losses = useRows(view.value.reel, 'Losses', {});
  const damaged = resolved.value?.damagedEvents ?? 0;
  return (
    <Answered asked={losses} what="losses">
      {(answer) =>
        answer.rows === 0 && damaged === 0 ? (
          <span class="quiet">
            Nothing that the recording knows of. Whether all of it can be read tells <code>heapreel check</code>
          </span>
        ) : (
          <ul>
            {damaged > 0 && <li>{adviceDamaged(damaged)}</li>}
            {rowsOf(answer.columns).map((loss) => (
              <li key={`${loss.process} ${loss.kind}`}>{adviceMissing(loss)}</li>
            ))}
          </ul>
        )
      }
    </Answered>
  );
}
