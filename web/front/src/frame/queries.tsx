// SPDX-License-Identifier: MIT
// The queries behind what is shown, to be copied or taken to the page of SQL.
import { Copy } from '~/parts/copy';
import { queriesChanged, shownQueries } from '~/store/queries';
import { change } from '~/store/view';
import { closeDialog, Dialog } from './dialogs';

function open(sql: string): void {
  closeDialog();
  change({ page: 'sql', sql, sort: null }, 'push');
}

export function Queries() {
  void queriesChanged.value;
  return (
    <Dialog title="Queries behind this page" class="queries">
      <p class="quiet">They work in the page of SQL, in `heapreel sql`, and in sqlite3 with the extension loaded.</p>
      {shownQueries().map(({ name, sql }) => (
        <section key={sql} class="stack">
          <div class="row">
            <h3>{name}</h3>
            <Copy text={sql}>Copy</Copy>
            <button type="button" onClick={() => open(sql)}>
              Open in SQL
            </button>
          </div>
          <pre class="mono">{sql}</pre>
        </section>
      ))}
    </Dialog>
  );
}
