// SPDX-License-Identifier: MIT
// All keys, in the words of the terminal, and what the pointer does on the timeline.
import { keys } from 'virtual:keys';
import { actionOf } from '~/keys/actions';
import { scopeTitles } from '~/keys/key_row';
import type { KeyRow } from '~/keys/key_row';
import { shownName } from '~/keys/table';
import { Dialog } from './dialogs';

const POINTER: readonly (readonly [string, string])[] = [
  ['drag', 'Moves the moment'],
  ['Shift-drag', 'Chooses a stretch: marks A and B'],
  ['right click', 'Asks what was allocated, freed or alive in the stretch'],
  ['wheel', 'Nearer and farther around the pointer; with Shift aside'],
  ['double click', 'The whole run'],
];

function Keys({ row }: { row: KeyRow }) {
  const isThere = actionOf(row.action) !== undefined;
  return (
    <tr class={isThere ? '' : 'is-dim'} title={isThere ? '' : 'not on this page'}>
      <th scope="row">
        {row.keys.map((name) => (
          <kbd key={name}>{shownName(name)}</kbd>
        ))}
      </th>
      <td>{row.help}</td>
    </tr>
  );
}

export function Help() {
  const scopes = Object.entries(scopeTitles) as [KeyRow['scope'], string][];
  return (
    <Dialog title="Keys" class="help">
      <p class="quiet">
        A moment of the run is shown in all pages. What is selected in one is highlighted in all; what is grey now works
        on other pages. Ctrl+k finds anything by its name.
      </p>
      <div class="help-columns">
        {scopes.map(([scope, title]) => (
          <table key={scope} aria-label={title}>
            <caption>{title}</caption>
            <tbody>
              {keys
                .filter((row) => row.scope === scope)
                .map((row) => (
                  <Keys key={row.action} row={row} />
                ))}
            </tbody>
          </table>
        ))}
        <table aria-label="The pointer on the timeline">
          <caption>The pointer on the timeline</caption>
          <tbody>
            {POINTER.map(([how, what]) => (
              <tr key={how}>
                <th scope="row">{how}</th>
                <td>{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}
