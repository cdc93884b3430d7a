// SPDX-License-Identifier: MIT
// What two moments differ by, as a call tree and as its greatest stacks. Of one reel the engine takes the difference; two
// reels have two trees, which are met by the names on their paths.
import { useMemo } from 'preact/hooks';
import { callTree, pathTo } from '~/draw/call_tree';
import type { CallNode, CallTree } from '~/draw/call_tree';
import { CallTreeView, goInto } from '~/draw/call_tree_view';
import { formatAmount, frameLabel } from '~/draw/flame_boxes';
import { isLeftOut } from '~/draw/left_out';
import { differenceOfTrees, greatestOwn } from '~/draw/merge_trees';
import { Answered } from '~/parts/answered';
import { useRows } from '~/source/use_answer';
import { view } from '~/store/view';
import { exactBytes } from '~/text/format';
import type { Side } from './sides';

const TOP = 10;

export function Stacks({ sides: [a, b] }: { sides: readonly [Side, Side] }) {
  return a.reel === b.reel ? <OneReel a={a} b={b} /> : <TwoReels a={a} b={b} />;
}

function OneReel({ a, b }: { a: Side; b: Side }) {
  const { measure, process, isInverted } = view.value;
  const direction = isInverted ? ('callees' as const) : ('callers' as const);
  const flame = useRows(a.reel, 'FlameDiff', { t1: a.t, t2: b.t, measure, process, direction });
  const tree = useMemo(() => (flame.value ? callTree(flame.value.columns, isLeftOut) : null), [flame.value]);
  return (
    <Answered asked={flame} what="what differs">
      {() => tree && <Difference tree={tree} />}
    </Answered>
  );
}

function TwoReels({ a, b }: { a: Side; b: Side }) {
  const { measure, isInverted } = view.value;
  const how = { measure, direction: isInverted ? ('callees' as const) : ('callers' as const) };
  const first = useRows(a.reel, 'Flame', { t: a.t, ...how });
  const second = useRows(b.reel, 'Flame', { t: b.t, ...how });
  const [one, other] = [first.value?.columns, second.value?.columns];
  const tree = useMemo(
    () => (one && other ? differenceOfTrees(callTree(one, isLeftOut), callTree(other, isLeftOut)) : null),
    [one, other],
  );
  return (
    <Answered asked={first} what="the call tree of A">
      {() => (
        <Answered asked={second} what="the call tree of B">
          {() => tree && <Difference tree={tree} />}
        </Answered>
      )}
    </Answered>
  );
}

function Difference({ tree }: { tree: CallTree }) {
  const top = useMemo(() => greatestOwn(tree, TOP), [tree]);
  if (top.length === 0 && tree.root.weight === 0)
    return <div class="note">No stack differs in this measure. Choose other moments, or another measure.</div>;
  return (
    <div class="stack">
      <section class="panel stack" aria-label="Greatest changes">
        <h2>Greatest changes: {formatAmount(tree.root.total, true)} in all</h2>
        <ol class="plain-list">
          {top.map((node) => (
            <li key={node.id} class="row compare-change">
              <span class={`number ${node.self > 0 ? 'is-more' : 'is-less'}`} title={exactBytes(Math.abs(node.self))}>
                {formatAmount(node.self, true)}
              </span>
              <button type="button" class="plain" onClick={() => goInto(node)}>
                {nameOf(node)}
              </button>
            </li>
          ))}
        </ol>
      </section>
      <CallTreeView tree={tree} isDifference shape={view.value.shape} colouring="difference" selected={null} />
    </div>
  );
}

/** The function and who called it. */
function nameOf(node: CallNode): string {
  const path = pathTo(node).map(frameLabel);
  if (view.value.isInverted) return path.slice(0, 3).join(' < ');
  return path.slice(-3).reverse().join(' < ');
}
