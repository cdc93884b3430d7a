// SPDX-License-Identifier: MIT
// What is missing from the recording, in words.
import { Answered } from './answered';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { view } from '~/store/view';
import { adviceMissing } from '~/text/advice';

export function LossList() {
  const losses = useRows(view.value.reel, 'Losses', {});
  return (
    <Answered asked={losses} what="losses">
      {(answer) =>
        answer.rows === 0 ? (
          <span class="quiet">Nothing is missing: every event of the program is in the reel.</span>
        ) : (
          <ul>
            {rowsOf(answer.columns).map((loss) => (
              <li key={`${loss.process} ${loss.kind}`}>{adviceMissing(loss)}</li>
            ))}
          </ul>
        )
      }
    </Answered>
  );
}
