// SPDX-License-Identifier: MIT
// What stacks are measured by: the measure and what it is of. The pages of stacks and sites choose it alike.
import { measures, modes } from '~/state/state';
import type { Measure, Mode } from '~/state/state';
import { change, view } from '~/store/view';
import { measureMeanings, modeTitles } from '~/text/amounts';

export function AmountChoice() {
  const { mode, measure, a, b } = view.value;
  const isRange = mode !== 'moment';
  return (
    <>
      <label class="row" title={isRange && mode !== 'difference' ? 'of ranges it is the bytes of blocks' : ''}>
        <span class="quiet">Measure</span>
        <select
          value={measure}
          disabled={isRange && mode !== 'difference'}
          title={measureMeanings[measure]}
          onChange={(event) => change({ measure: event.currentTarget.value as Measure }, 'push')}
        >
          {measures.map((name) => (
            <option key={name} value={name}>
              {name === 'pinned' ? 'pinned (waste)' : name}
            </option>
          ))}
        </select>
      </label>
      <label class="row">
        <span class="quiet">View</span>
        <select value={mode} onChange={(event) => change({ mode: event.currentTarget.value as Mode }, 'push')}>
          {modes.map((name) => (
            <option key={name} value={name}>
              {modeTitles[name]}
            </option>
          ))}
        </select>
      </label>
      {isRange && (a === null || b === null) && (
        <span class="quiet">
          {a === null ? (mode === 'difference' ? 'A is this moment' : 'A is the beginning') : ''}
          {a === null && b === null ? ', ' : ''}
          {b === null ? 'B is this moment' : ''}
        </span>
      )}
    </>
  );
}
