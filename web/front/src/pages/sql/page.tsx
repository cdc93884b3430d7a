// SPDX-License-Identifier: MIT
// Questions that nobody foresaw: a query of the user's own, read-only and bounded. A query from a link waits until it is
// run by hand.
import { useState } from 'preact/hooks';
import { AnswerTable } from '~/parts/answer_table';
import type { AnyColumns } from '~/parts/answer_table';
import { Answered } from '~/parts/answered';
import { Copy } from '~/parts/copy';
import type { Page } from '~/pages/page';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { source } from '~/store/source';
import { change, view } from '~/store/view';
import { formatCount } from '~/text/format';
import { examples } from './examples';
import './sql.css';

const SECONDS = 5;
const ROWS = 1000;

function Content() {
  const { reel, sql } = view.value;
  const [run, setRun] = useState<string | null>(null);
  const begin = () => setRun(sql.trim() || null);
  if (source.kind === 'report') {
    return <div class="note">A report holds answers, not the reel. Ask it with: heapreel sql FILE</div>;
  }
  return (
    <div class="sql">
      <div class="stack">
        <Editor sql={sql} onRun={begin} />
        <div class="row">
          <button type="button" onClick={begin}>
            Run
          </button>
          <span class="quiet">
            Ctrl-Enter; reads only, {SECONDS} s and {formatCount(ROWS)} rows at most
          </span>
          <Copy text={sql}>Copy</Copy>
          <select
            aria-label="Example queries"
            value=""
            onChange={(event) => change({ sql: examples[Number(event.currentTarget.value)]?.sql ?? sql })}
          >
            <option value="" disabled>
              Examples
            </option>
            {examples.map((example, number) => (
              <option key={example.title} value={number}>
                {example.title}
              </option>
            ))}
          </select>
        </div>
        {run === null ? (
          <div class="note">Write a query, or take an example, and run it.</div>
        ) : (
          <Result reel={reel} sql={run} />
        )}
      </div>
      <Tables reel={reel} />
    </div>
  );
}

function Editor({ sql, onRun }: { sql: string; onRun: () => void }) {
  return (
    <textarea
      class="mono"
      aria-label="Query"
      rows={7}
      spellcheck={false}
      value={sql}
      placeholder="SELECT * FROM heap_at('peak')"
      onInput={(event) => change({ sql: event.currentTarget.value })}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        onRun();
      }}
    />
  );
}

function Result({ reel, sql }: { reel: number; sql: string }) {
  const answer = useRows(reel, 'Sql', { q: sql, seconds: SECONDS, limit: ROWS });
  return (
    <Answered asked={answer} what="rows">
      {(value) => (
        <div class="stack">
          <div class="quiet">
            {formatCount(value.rows)} rows in {value.elapsed_ms} ms
          </div>
          <AnswerTable label="Result" columns={value.columns as AnyColumns} />
        </div>
      )}
    </Answered>
  );
}

function Tables({ reel }: { reel: number }) {
  const tables = useRows(reel, 'Tables', {});
  return (
    <section class="panel" aria-label="Tables and functions">
      <Answered asked={tables} what="tables">
        {(value) => (
          <ul>
            {rowsOf(value.columns).map((table) => (
              <li key={table.name}>
                <code>
                  {table.name}
                  {table.kind === 'function' && `(${table.parameters})`}
                </code>
                <div class="quiet">{table.columns}</div>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </section>
  );
}

export const page: Page = { name: 'sql', Content };
