// SPDX-License-Identifier: MIT
// A call tree as a graph with its way in and its legend, and as a table, linked: what is gone into and selected in one is
// so in the other.
import { useMemo, useRef, useState } from 'preact/hooks';
import './call_tree_view.css';
import { usePageActions } from '~/keys/actions';
import type { Shape } from '~/state/state';
import { say } from '~/store/said';
import { change, view } from '~/store/view';
import { formatCount, formatShare } from '~/text/format';
import { baseName } from '~/text/stack';
import { followPath, pathTo } from './call_tree';
import type { CallNode, CallTree } from './call_tree';
import { colouredModules, formatAmount, frameLabel, moduleColour } from './flame_boxes';
import type { Colouring } from './flame_boxes';
import { FlameGraph } from './flame_graph';
import { focusOf, focused } from './focus';
import { nextFound } from './marked';
import { TreeTable, placeOf } from './tree_table';

interface CallTreeViewProps {
  tree: CallTree;
  isDifference: boolean;
  shape: Shape;
  colouring: Colouring;
  /** Where the selected stack leads. */
  selected: CallNode | null;
}

/** Fills the width with a frame, and selects the stack that it is of: one step for Back. */
export function goInto(node: CallNode): void {
  const { focus, selection } = view.peek();
  const next = { focus: focusOf(node), selection: { ...selection, stack: node.stack ?? selection.stack } };
  if (next.focus !== focus || next.selection.stack !== selection.stack) change(next, 'push');
}

/** The frame that fills the width. Where a moment's tree has it not, the last of its callers that it has. */
function useFocused(tree: CallTree): CallNode {
  const { focus } = view.value;
  const known = useRef<{ focus: number; path: readonly string[] } | null>(null);
  return useMemo(() => {
    const found = focused(tree, focus);
    if (found) known.current = { focus, path: pathTo(found).map(({ key }) => key) };
    return found ?? followPath(tree, known.current?.focus === focus ? known.current.path : []);
  }, [tree, focus]);
}

export function CallTreeView({ tree, isDifference, shape, colouring, selected }: CallTreeViewProps) {
  const at = useFocused(tree);
  const { search, filter } = view.value;
  const [found, setFound] = useState<CallNode | null>(null);
  const find = (by: 1 | -1) => () => {
    const next = nextFound(tree, search, found, by);
    setFound(next);
    if (search !== '' && !next) say('no function here has that in its name');
  };
  usePageActions({ SEARCH_NEXT: find(1), SEARCH_PREVIOUS: find(-1) });
  const pick = (node: CallNode) => {
    setFound(null);
    goInto(node);
  };
  const marked = { tree, selected, search, filter: filter.function, onPick: pick };
  return (
    <>
      {shape !== 'table' && (
        <div class="stack panel">
          <Crumbs tree={tree} at={at} onPick={pick} />
          <div
            class={shape === 'both' ? 'graph-above' : ''}
            role="group"
            aria-label="Flame graph, for the eye: the table tells the same"
            tabIndex={0}
          >
            <FlameGraph
              {...marked}
              colouring={colouring}
              isIcicle={shape !== 'flames'}
              zoomed={at}
              describe={(node, isRest) => describe(tree, node, isRest, isDifference)}
            />
          </div>
          <Legend tree={tree} colouring={colouring} />
        </div>
      )}
      {(shape === 'table' || shape === 'both') && (
        <div class="panel tree-panel">
          <TreeTable
            {...marked}
            label="Call tree"
            isDifference={isDifference}
            current={found ?? (at === tree.root ? selected : at)}
          />
        </div>
      )}
    </>
  );
}

function Crumbs({ tree, at, onPick }: { tree: CallTree; at: CallNode; onPick: (node: CallNode) => void }) {
  return (
    <nav class="row crumbs" aria-label="Zoomed into">
      <button type="button" disabled={at === tree.root} onClick={() => onPick(tree.root)}>
        all
      </button>
      {pathTo(at).map((node) => (
        <button
          key={node.id}
          type="button"
          aria-current={node === at ? 'step' : undefined}
          disabled={node === at}
          onClick={() => onPick(node)}
        >
          {frameLabel(node)}
        </button>
      ))}
    </nav>
  );
}

/** What is told of a frame under the pointer. */
function describe(tree: CallTree, node: CallNode, isRest: boolean, isDifference: boolean): string[] {
  const bytes = isRest ? node.rest : node.total;
  const share = formatShare(Math.abs(bytes), Math.max(tree.root.weight, Math.abs(bytes)));
  const amount = `${formatAmount(bytes, isDifference)} (${formatCount(Math.abs(bytes))} bytes), ${share}`;
  if (isRest) return ['(other)', `${amount} in smaller branches of ${frameLabel(node)} that are not shown`];
  const lines = [node.parent ? frameLabel(node) : 'all', `${amount}, ${formatCount(Math.abs(node.blocks))} blocks`];
  if (node.self !== 0 && node.self !== node.total) lines.push(`${formatAmount(node.self, isDifference)} of its own`);
  const place = placeOf(node);
  if (place !== '') lines.push(place);
  if (node.module !== null && place !== `[${baseName(node.module)}]`) lines.push(node.module);
  if (node.parent) lines.push(node.stack === null ? 'several stacks' : `stack ${node.stack}: a click selects it`);
  return lines;
}

function Legend({ tree, colouring }: { tree: CallTree; colouring: Colouring }) {
  const modules = useMemo(() => colouredModules(tree), [tree]);
  if (colouring === 'difference')
    return (
      <div class="row quiet">
        <span>
          <span class="swatch swatch-more" /> + more at B
        </span>
        <span>
          <span class="swatch swatch-less" /> − less at B
        </span>
        <span>width: all that changed below, with and without sign; paler where it cancels out</span>
      </div>
    );
  if (colouring === 'share')
    return <div class="quiet">Lighter frames hold a greater share; the width tells it too.</div>;
  return (
    <div class="row quiet">
      {modules.map((module) => (
        <span key={module} title={module}>
          <span class="swatch" style={{ background: moduleColour(modules, module) }} /> {baseName(module)}
        </span>
      ))}
    </div>
  );
}
