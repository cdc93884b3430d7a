// SPDX-License-Identifier: MIT
// What the frame of a report says: that it is one, which moment stands for the one that is looked at, what it lacks.
import { useMemo } from 'preact/hooks';
import type { Report } from '~/source/report';
import { timeOfMoment } from '~/store/run';
import { reels } from '~/store/source';
import { t, view } from '~/store/view';
import { formatTime } from '~/text/format';
import { plural } from '~/text/words';
import './note.css';

export function noteOf(report: Report) {
  return function Note() {
    const asked = t.value;
    const tNs = timeOfMoment(view.value.t);
    const standIn = useMemo(() => report.standIn(asked, tNs), [asked, tNs]);
    const count = report.moments.all.length;
    return (
      <div class="report-note" role="status">
        <strong>Report</strong>
        {standIn === null ? (
          <span>It holds {count} moments of the run.</span>
        ) : (
          <span>
            Nearest moment kept: <span class="number">{formatTime(standIn)}</span> (of {count})
          </span>
        )}
        {report.leftOut.length > 0 && <LeftOut lines={report.leftOut} />}
        <span class="quiet">
          All of it: <code>heapreel web {reels.value[0]?.name}</code>
        </span>
      </div>
    );
  };
}

function LeftOut({ lines }: { lines: readonly string[] }) {
  return (
    <details>
      <summary>Left out: {plural(lines.length, 'kind')} of answers</summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}
