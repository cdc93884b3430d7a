// SPDX-License-Identifier: MIT
// Ways out: the answers of this state as files, the state itself for the terminal and for a colleague, the whole reel as a
// report.
import { Copy } from '~/parts/copy';
import type { Page } from '~/pages/page';
import { addressOf } from '~/source/address';
import type { RowsName } from '~/source/source';
import { reels, source } from '~/store/source';
import { markA, markB, t, view } from '~/store/view';
import { statePrint } from '~/state/print';

interface Export {
  name: RowsName;
  title: string;
  parameters: Record<string, string | number>;
}

function exportsOf(): Export[] {
  const { process, measure } = view.value;
  const at = { t: t.value, process };
  const range = { t0: markA.value ?? 'begin', t1: markB.value ?? 'end' };
  return [
    { name: 'Heap', title: 'The identity and its figures at the moment', parameters: at },
    { name: 'Classes', title: 'Size classes at the moment', parameters: at },
    { name: 'Zones', title: 'Zones at the moment', parameters: at },
    { name: 'Sites', title: `Stacks by ${measure}`, parameters: { ...at, measure } },
    { name: 'Flame', title: `The call tree of ${measure}`, parameters: { ...at, measure, node_max: 0 } },
    { name: 'Blocks', title: 'Live blocks, the first 2 000', parameters: { ...at, limit: 2000 } },
    { name: 'Lifetimes', title: `Lifetimes by size, from ${range.t0} to ${range.t1}`, parameters: range },
    { name: 'Advice', title: 'Advice', parameters: at },
    { name: 'Findings', title: 'Misuses of memory', parameters: {} },
    { name: 'Processes', title: 'Processes', parameters: {} },
    { name: 'Timeline', title: 'The timeline in 1000 points', parameters: { points: 1000 } },
  ];
}

/** In single quotes, as a shell takes it whatever it holds. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function Content() {
  const { reel } = view.value;
  const name = reels.value[reel]?.name ?? 'FILE';
  const terminal = `heapreel view ${shellQuoted(name)} --state ${shellQuoted(statePrint(view.value))}`;
  return (
    <div class="stack">
      <section class="panel stack" aria-label="This state">
        <h2>This state</h2>
        <div class="row">
          <Copy text={location.href}>Copy link</Copy>
          <span class="quiet">restores all that is looked at; works for who has the token of this server</span>
        </div>
        <div class="row">
          <Copy text={terminal}>Copy terminal command</Copy>
          <code>{terminal}</code>
        </div>
      </section>
      <section class="panel stack" aria-label="Answers as files">
        <h2>Answers as files</h2>
        {source.kind === 'report' ? (
          <div class="note">
            A report has no server. Files: heapreel web {name}, or heapreel sql {name} QUERY
          </div>
        ) : (
          <table aria-label="Answers as files">
            <tbody>
              {exportsOf().map((one) => (
                <tr key={one.name}>
                  <td>{one.title}</td>
                  <td>
                    <Download reel={reel} what={one} format="csv" />
                  </td>
                  <td>
                    <Download reel={reel} what={one} format="json" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section class="panel stack" aria-label="The whole reel">
        <h2>The whole reel</h2>
        <div>
          One file that opens in any browser, without a server: <code>heapreel report {name} -o report.html</code>
        </div>
        <div>
          Any question: <code>heapreel sql {name} QUERY</code>, <code>sqlite3 -readonly {name}</code>
        </div>
      </section>
    </div>
  );
}

function Download({ reel, what, format }: { reel: number; what: Export; format: 'csv' | 'json' }) {
  const address = '/api/v1/' + addressOf(reel, what.name, { ...what.parameters, format });
  return (
    <a href={address} download={`${what.name.toLowerCase()}.${format}`}>
      {format.toUpperCase()}
    </a>
  );
}

export const page: Page = { name: 'export', Content };
