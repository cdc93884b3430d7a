// SPDX-License-Identifier: MIT
// A call tree as a table whose rows open: all that the flame graph shows, for the keyboard and for screen readers.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import './tree_table.css';
import { exactBytes, formatCount, formatDeltaCount, formatShare } from '~/text/format';
import { baseName, placeName } from '~/text/stack';
import type { CallNode, CallTree } from './call_tree';
import { formatAmount, frameLabel } from './flame_boxes';
import { concerned, hasName } from './marked';
import { openedAtFirst, openedFor, seenRows, stepTree, toggle } from './tree_rows';
import type { Opened } from './tree_rows';

export interface TreeTableProps {
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

const KEYS = 'Arrows walk and open, E opens to the next fork, * opens all, Enter selects.';

export function TreeTable(props: TreeTableProps) {
  const { tree, current } = props;
  const [opened, setOpened] = useState<Opened>(() => openedAtFirst(tree));
  const [at, setAt] = useState<CallNode | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => setOpened(openedAtFirst(tree)), [tree]);
  useEffect(() => {
    if (!current?.parent) return;
    setOpened((before) => openedFor(before, current));
    setAt(current);
  }, [tree, current]);
  const rows = seenRows(tree, opened);
  const active = at && rows.includes(at) ? at : (rows[0] ?? null);
  useLayoutEffect(() => {
    if (body.current?.contains(document.activeElement))
      body.current.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
  }, [active]);
  const walk = (event: KeyboardEvent) => {
    if (!active || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = stepTree(tree, { opened, at: active }, event.key);
    if (step) {
      setOpened(step.opened);
      setAt(step.at);
    } else if (event.key === 'Enter' || event.key === ' ') props.onPick(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const passing = concerned(tree, props.filter);
  return (
    <div class="table">
      <table role="treegrid" aria-label={props.label} aria-readonly="true" class="tree" title={KEYS}>
        <Head />
        <tbody ref={body} onKeyDown={walk}>
          {rows.map((node) => (
            <Row
              key={node.id}
              node={node}
              props={props}
              isOpen={opened.has(node.id)}
              isActive={node === active}
              isDim={passing !== null && !passing.has(node.id)}
              onToggle={() => setOpened(toggle(opened, node))}
              onPick={() => {
                setAt(node);
                props.onPick(node);
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
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

interface RowProps {
  node: CallNode;
  props: TreeTableProps;
  isOpen: boolean;
  isActive: boolean;
  isDim: boolean;
  onToggle: () => void;
  onPick: () => void;
}

const INDENT_PIXELS = 14;
const INDENT_MOST = 20; // deeper ones have no room for their names

function Row({ node, props, isOpen, isActive, isDim, onToggle, onPick }: RowProps) {
  const { tree, isDifference } = props;
  const hasChildren = node.children.length > 0;
  const siblings = node.parent?.children ?? [];
  const indent = Math.min(node.depth - 1, INDENT_MOST) * INDENT_PIXELS;
  return (
    <tr
      role="row"
      tabIndex={isActive ? 0 : -1}
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
        {isDifference || node.blocks < 0 ? formatDeltaCount(node.blocks) : formatCount(node.blocks)}
      </td>
    </tr>
  );
}

/** "file.c:12", or the module where it is another than the caller's. */
export function placeOf(node: CallNode): string {
  const frame = { ...node, is_inlined: false, offset: null };
  const place = placeName(frame);
  if (place !== '' || node.module === null) return place;
  return `[${baseName(node.module)}]`;
}
