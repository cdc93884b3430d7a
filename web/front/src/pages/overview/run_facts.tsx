// SPDX-License-Identifier: MIT
// What was recorded, where and when, and what is missing from it.
import { LossList } from '~/parts/losses';
import type { RowOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { formatBytes, formatCount, formatDuration } from '~/text/format';

const NS_IN_MS = 1e6;

export function RunFacts({ run }: { run: RowOf<Columns<'Run'>> }) {
  const facts: [string, string][] = [
    ['command', run.command],
    ['allocator', `${run.allocator}; stacks ${run.stacks}, a full ring: ${run.when_full}`],
    ['host', `${run.host}; heapreel ${run.version}`],
    ['when', `${new Date(run.start_unix_ns / NS_IN_MS).toISOString()}, for ${formatDuration(run.duration_ns)}`],
    [
      'events',
      `${formatCount(run.events)}: ${formatCount(run.allocations)} allocations, ${formatCount(run.frees)} frees`,
    ],
    ['leaked', `${formatBytes(run.leaked_bytes)} in ${formatCount(run.leaked_blocks)} blocks`],
  ];
  return (
    <section class="panel stack" aria-label="The run">
      <h2>The run</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt class="quiet">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <LossList />
    </section>
  );
}
