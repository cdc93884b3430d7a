// SPDX-License-Identifier: MIT
// A call tree as a table whose rows open: all that the flame graph shows, for the keyboard and for screen readers.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import './tree_table.css';
import { Gap, ROW_PIXELS, useDrawn } from '~/parts/drawn_rows';
import { exactBytes, formatCount, formatDeltaCount, formatShare } from '~/text/format';
import { baseName, placeName } from '~/text/stack';
import type { CallNode, CallTree } from './call_tree';
import { formatAmount, frameLabel } from './flame_boxes';
import { concerned, hasName } from './marked';
import { openedAtFirst, openedFor, seenRows, stepTree, toggle } from './tree_rows';
import type { Opened } from './tree_rows';

interface TreeTableProps {
  label: string;
  tree: CallTree;
  isDifference: boolean;
  /** The row that is gone to: it is opened for and gets the focus when the table has it. */
  current: CallNode | null;
  selected: CallNode | null;
  search: string;
  filter: string;
  /** Enter, Space or a click. */
  onPick: (node: CallNode) => void;
}

const COLUMNS = 6;
const KEYS = 'Arrows walk and open, E opens to the next fork, * opens all below, Enter selects.';

export function TreeTable(props: TreeTableProps) {
  const rows = useTreeRows(props);
  const { opened, active, drawn } = rows;
  const passing = concerned(props.tree, props.filter);
  return (
    <div class="table tree-scroller" ref={rows.scroller} tabIndex={-1}>
      <table
        role="treegrid"
        aria-label={props.label}
        aria-readonly="true"
        aria-rowcount={rows.seen.length + 1}
        class="tree"
        title={KEYS}
      >
        <Head />
        <tbody ref={rows.body} onKeyDown={rows.walk} onFocusCapture={rows.hold} onBlurCapture={rows.letGo}>
          <Gap rows={drawn.begin} span={COLUMNS} />
          {rows.seen.slice(drawn.begin, drawn.end).map((node, place) => (
            <Row
              key={node.id}
              node={node}
              place={drawn.begin + place}
              props={props}
              isOpen={opened.has(node.id)}
              isActive={node === active}
              isDim={passing !== null && !passing.has(node.id)}
              onToggle={() => rows.setOpened(toggle(opened, node))}
              onPick={() => {
                rows.setAt(node);
                props.onPick(node);
              }}
            />
          ))}
          <Gap rows={rows.seen.length - drawn.end} span={COLUMNS} />
        </tbody>
      </table>
    </div>
  );
}

/** Which rows are open, which one keys are for, and which are drawn. */
function useTreeRows({ tree, current, onPick }: TreeTableProps) {
  const [opened, setOpened] = useState<Opened>(() => openedAtFirst(tree));
  const [at, setAt] = useState<CallNode | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => setOpened(openedAtFirst(tree)), [tree]);
  useEffect(() => {
    if (!current?.parent) return;
    setOpened((before) => openedFor(before, current));
    setAt(current);
  }, [tree, current]);
  const seen = useMemo(() => seenRows(tree, opened), [tree, opened]);
  const active = at && seen.includes(at) ? at : (seen[0] ?? null);
  const drawn = useDrawn(scroller, seen.length);
  useWalked(scroller, active ? seen.indexOf(active) : 0, drawn.look);
  const walk = (event: KeyboardEvent) => {
    if (!active || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = stepTree(tree, { opened, at: active }, event.key);
    if (step) {
      setOpened(step.opened);
      setAt(step.at);
    } else if (event.key === 'Enter' || event.key === ' ') onPick(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { opened, setOpened, setAt, seen, active, drawn, walk, scroller, ...useHeldFocus(active, drawn.begin) };
}

/** The focus stays with the row that keys are for, though rows come and go under it. */
function useHeldFocus(active: CallNode | null, begin: number) {
  const body = useRef<HTMLTableSectionElement>(null);
  const isHeld = useRef(false);
  useLayoutEffect(() => {
    if (isHeld.current) body.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus({ preventScroll: true });
  }, [active, begin]);
  const hold = () => {
    isHeld.current = true;
  };
  // A row that is no longer drawn takes the focus with it; one that is left for another place gives it up.
  const letGo = (event: FocusEvent) => {
    if (event.relatedTarget) isHeld.current = body.current?.contains(event.relatedTarget as Node) ?? false;
  };
  return { body, hold, letGo };
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">Function</th>
        <th scope="col">Place</th>
        <th scope="col" class="number">
          Bytes
        </th>
        <th scope="col" class="number">
          Share
        </th>
        <th scope="col" class="number">
          Own
        </th>
        <th scope="col" class="number">
          Blocks
        </th>
      </tr>
    </thead>
  );
}

/** A row that is walked to is scrolled to. */
function useWalked(scroller: { current: HTMLDivElement | null }, active: number, look: () => void) {
  const first = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || first.current) {
      first.current = false;
      return;
    }
    const [begin, end] = [active * ROW_PIXELS, (active + 2) * ROW_PIXELS]; // the heading covers a row
    if (begin < element.scrollTop) element.scrollTop = begin;
    else if (end > element.scrollTop + element.clientHeight) element.scrollTop = end - element.clientHeight;
    look();
  }, [active]);
}

interface RowProps {
  node: CallNode;
  place: number;
  props: TreeTableProps;
  isOpen: boolean;
  isActive: boolean;
  isDim: boolean;
  onToggle: () => void;
  onPick: () => void;
}

const INDENT_PIXELS = 14;
const INDENT_MOST = 20; // deeper ones have no room for their names

function Row({ node, place, props, isOpen, isActive, isDim, onToggle, onPick }: RowProps) {
  const { tree, isDifference } = props;
  const hasChildren = node.children.length > 0;
  const siblings = node.parent?.children ?? [];
  const indent = Math.min(node.depth - 1, INDENT_MOST) * INDENT_PIXELS;
  return (
    <tr
      role="row"
      tabIndex={isActive ? 0 : -1}
      aria-rowindex={place + 2}
      aria-level={node.depth}
      aria-posinset={siblings.indexOf(node) + 1}
      aria-setsize={siblings.length}
      aria-expanded={hasChildren ? isOpen : undefined}
      aria-selected={node === props.selected}
      aria-current={node === props.selected ? 'true' : undefined}
      class={isDim ? 'is-dim' : ''}
      onClick={onPick}
    >
      <td role="gridcell" style={{ paddingLeft: `${indent + 4}px` }}>
        <span
          class="knob"
          aria-hidden="true"
          onClick={(event) => {
            if (!hasChildren) return;
            event.stopPropagation();
            onToggle();
          }}
        >
          {hasChildren ? (isOpen ? '▾' : '▸') : ''}
        </span>
        <span class={hasName(node, props.search) ? 'found' : ''}>{frameLabel(node)}</span>
      </td>
      <td role="gridcell" class="quiet" title={node.module ?? ''}>
        {placeOf(node)}
      </td>
      <td role="gridcell" class="number" title={exactBytes(Math.abs(node.total))}>
        {formatAmount(node.total, isDifference)}
      </td>
      <td role="gridcell" class="number">
        {formatShare(Math.abs(node.total), Math.max(tree.root.weight, Math.abs(node.total)))}
      </td>
      <td role="gridcell" class="number" title={exactBytes(Math.abs(node.self))}>
        {node.self === 0 ? '' : formatAmount(node.self, isDifference)}
      </td>
      <td role="gridcell" class="number">
        {blocksOf(node, isDifference)}
      </td>
    </tr>
  );
}

/** Bytes without a block are of blocks that nobody counted. */
function blocksOf({ blocks, total }: CallNode, isDifference: boolean): string {
  if (isDifference || blocks < 0) return formatDeltaCount(blocks);
  return blocks === 0 && total !== 0 ? '-' : formatCount(blocks);
}

/** "file.c:12", or the module where it is another than the caller's. */
export function placeOf(node: CallNode): string {
  const frame = { ...node, is_inlined: false, offset: null };
  const place = placeName(frame);
  if (place !== '' || node.module === null) return place;
  return `[${baseName(node.module)}]`;
}
