// SPDX-License-Identifier: MIT
// The call tree of what is measured: as a flame graph for the eye, as a table for everybody.
import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import './stacks.css';
import { callTree, followPath } from '~/draw/call_tree';
import type { CallTree } from '~/draw/call_tree';
import { CallTreeView } from '~/draw/call_tree_view';
import { formatAmount } from '~/draw/flame_boxes';
import type { Colouring } from '~/draw/flame_boxes';
import { isLeftOut, nothingIsLeftOut } from '~/draw/left_out';
import { pathOfStack } from '~/draw/stack_path';
import { AmountChoice } from '~/parts/amount_choice';
import { Answered } from '~/parts/answered';
import { usePageActions } from '~/keys/actions';
import type { Page } from '~/pages/page';
import type { Answer } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { shapes } from '~/state/state';
import type { Shape } from '~/state/state';
import { amountActions, useFlame } from '~/store/amounts';
import { change, isMoving, resolved, t, view } from '~/store/view';
import { amountTitle, whyNothing } from '~/text/amounts';
import { exactBytes, formatBytes, formatCount, formatDeltaCount } from '~/text/format';
import { plural } from '~/text/words';

// Stays while the page is open, and is in no link: what is drawn is the same.
const colouring = signal<Exclude<Colouring, 'difference'>>('module');

const SHAPE_NAMES: Readonly<Record<Shape, string>> = {
  both: 'icicle and table',
  icicle: 'icicle',
  flames: 'flames',
  table: 'table',
};

function Content() {
  const asked = useFlame();
  usePageActions({ ...amountActions, INVERT: () => change({ isInverted: !view.peek().isInverted }, 'push') });
  const { mode, measure, a, b } = view.value;
  return (
    <div class="stack stacks-page">
      <Choices />
      <Moving title={amountTitle({ mode, measure, a, b }, resolved.value?.tNs ?? null)} />
      <Answered asked={asked} what="the call tree">
        {(answer) => <Tree answer={answer} />}
      </Answered>
    </div>
  );
}

function Choices() {
  const { isInverted, mode, shape } = view.value;
  return (
    <div class="row">
      <AmountChoice />
      <button
        type="button"
        aria-pressed={isInverted}
        title="Allocating functions first, their callers below them"
        onClick={() => change({ isInverted: !isInverted }, 'push')}
      >
        Callees first
      </button>
      <label class="row">
        <span class="quiet">Drawn as</span>
        <select value={shape} onChange={(event) => change({ shape: event.currentTarget.value as Shape }, 'push')}>
          {shapes.map((name) => (
            <option key={name} value={name}>
              {SHAPE_NAMES[name]}
            </option>
          ))}
        </select>
      </label>
      {mode !== 'difference' && (
        <label class="row">
          <span class="quiet">Colour</span>
          <select
            value={colouring.value}
            onChange={(event) => (colouring.value = event.currentTarget.value as 'module' | 'share')}
          >
            <option value="module">by module</option>
            <option value="share">by share</option>
          </select>
        </label>
      )}
    </div>
  );
}

/** While somebody drags the tree stays as it was; what it would come to is told from the heap's own figures. */
function Moving({ title }: { title: string }) {
  const { reel, process, mode, measure } = view.value;
  const isTold = isMoving.value && mode === 'moment' && ['live', 'pinned', 'rounding'].includes(measure);
  const heap = useRows(reel, 'Heap', isTold ? { t: t.value, process } : null);
  if (!isMoving.value) return null;
  const c = heap.value?.columns;
  const bytes = (measure === 'live' ? c?.live_bytes : measure === 'pinned' ? c?.pinned_bytes : c?.rounding_bytes)?.[0];
  return (
    <div class="stacks-title">
      {isTold && bytes !== undefined && <strong>{formatBytes(bytes)}</strong>}{' '}
      <span class="quiet">{title}; the tree follows when the moment rests</span>
    </div>
  );
}

function Tree({ answer }: { answer: Answer<'Flame'> }) {
  const { mode, isInverted, selection, hasAllFrames, shape } = view.value;
  const isHidden = hasAllFrames ? nothingIsLeftOut : isLeftOut;
  const tree = useMemo(() => callTree(answer.columns, isHidden), [answer, isHidden]);
  const frames = useRows(view.value.reel, 'Stack', selection.stack === null ? null : { stack: selection.stack });
  const chosen = useMemo(() => {
    if (selection.stack === null || !frames.value || frames.isStale) return null;
    const node = followPath(tree, pathOfStack(frames.value.columns, isInverted, isHidden));
    return node === tree.root ? null : node;
  }, [tree, frames.value, frames.isStale, selection.stack, isInverted]);
  const isDifference = mode === 'difference';
  return (
    <div class="stack">
      {!isMoving.value && <Title tree={tree} isDifference={isDifference} />}
      {tree.nodes.length === 1 ? (
        <div class="note">{whyNothing(view.value)}</div>
      ) : (
        <CallTreeView
          tree={tree}
          isDifference={isDifference}
          shape={shape}
          colouring={isDifference ? 'difference' : colouring.value}
          selected={chosen}
        />
      )}
    </div>
  );
}

function Title({ tree, isDifference }: { tree: CallTree; isDifference: boolean }) {
  const { root, hidden } = tree;
  const { hasAllFrames } = view.value;
  const blocks = isDifference ? formatDeltaCount(root.blocks) : formatCount(Math.max(root.blocks, 0));
  return (
    <div class="row spread stacks-title">
      <span>
        <strong title={exactBytes(Math.abs(root.total))}>{formatAmount(root.total, isDifference)}</strong>
        {` in ${blocks} block${Math.abs(root.blocks) === 1 ? '' : 's'}  `}
        <span class="quiet">{amountTitle(view.value, resolved.value?.tNs ?? null)}</span>
      </span>
      {(hidden.length > 0 || hasAllFrames) && (
        <label title={hidden.join('\n')}>
          <input
            type="checkbox"
            checked={hasAllFrames}
            onChange={(event) => change({ hasAllFrames: event.currentTarget.checked }, 'push')}
          />{' '}
          {hasAllFrames ? 'all frames are shown' : `${plural(hidden.length, 'frame')} hidden: show`}
        </label>
      )}
    </div>
  );
}

export const page: Page = { name: 'stacks', Content };
