// SPDX-License-Identifier: MIT
// A call tree as rows that are opened and closed: which are seen, and where a key leads.
import { pathTo } from './call_tree';
import type { CallNode, CallTree } from './call_tree';

/** Ids of the nodes whose children are seen. */
export type Opened = ReadonlySet<number>;

/** Nodes in the order of their rows, without the root. */
export function seenRows(tree: CallTree, opened: Opened): CallNode[] {
  const rows: CallNode[] = [];
  const visit = (node: CallNode) => {
    for (const child of node.children) {
      rows.push(child);
      if (opened.has(child.id)) visit(child);
    }
  };
  visit(tree.root);
  return rows;
}

// A node is passed where most of it goes on in one child.
function goesOn(node: CallNode): CallNode | null {
  const first = node.children[0];
  return first && first.weight * 2 > node.weight ? first : null;
}

/** How a tree begins: opened along the greatest branch as long as it is most of its caller. */
export function openedAtFirst(tree: CallTree): Opened {
  const opened = new Set<number>();
  for (let at = tree.root.children[0] ?? null; at; at = goesOn(at)) opened.add(at.id);
  return opened;
}

/** Opened down to the first node that has more than one child. */
function openedToFork(opened: Opened, node: CallNode): Opened {
  const more = new Set(opened);
  for (let at: CallNode | undefined = node; at; at = at.children.length === 1 ? at.children[0] : undefined)
    if (at.children.length > 0) more.add(at.id);
  return more;
}

/** The node and all below it. */
function openedWholly(opened: Opened, node: CallNode): Opened {
  const more = new Set(opened);
  const visit = (at: CallNode) => {
    if (at.children.length > 0) more.add(at.id);
    at.children.forEach(visit);
  };
  visit(node);
  return more;
}

/** Opened so that the node is seen. */
export function openedFor(opened: Opened, node: CallNode): Opened {
  const above = pathTo(node).slice(0, -1);
  return above.every(({ id }) => opened.has(id)) ? opened : new Set([...opened, ...above.map(({ id }) => id)]);
}

export interface Step {
  opened: Opened;
  at: CallNode;
}

function toggled(opened: Opened, node: CallNode, isOpen: boolean): Opened {
  const other = new Set(opened);
  if (isOpen) other.add(node.id);
  else other.delete(node.id);
  return other;
}

function rowBeside(tree: CallTree, opened: Opened, at: CallNode, by: number): CallNode {
  const rows = seenRows(tree, opened);
  return rows[Math.min(Math.max(rows.indexOf(at) + by, 0), rows.length - 1)] ?? at;
}

/** Where a key leads from a row, and what it opens; null: the key is another's. */
export function stepTree(tree: CallTree, { opened, at }: Step, key: string): Step | null {
  const isOpen = opened.has(at.id);
  const hasChildren = at.children.length > 0;
  switch (key) {
    case 'ArrowDown':
      return { opened, at: rowBeside(tree, opened, at, 1) };
    case 'ArrowUp':
      return { opened, at: rowBeside(tree, opened, at, -1) };
    case 'Home':
      return { opened, at: tree.root.children[0] ?? at };
    case 'End':
      return { opened, at: seenRows(tree, opened).at(-1) ?? at };
    case 'ArrowRight':
      if (hasChildren && !isOpen) return { opened: toggled(opened, at, true), at };
      return { opened, at: (isOpen ? at.children[0] : null) ?? at };
    case 'ArrowLeft':
      if (isOpen && hasChildren) return { opened: toggled(opened, at, false), at };
      return { opened, at: at.parent?.parent ? at.parent : at };
    case 'E':
      return { opened: openedToFork(opened, at), at };
    case '*':
      return { opened: openedWholly(opened, at), at };
    case '+':
      return { opened: hasChildren ? toggled(opened, at, true) : opened, at };
    case '-':
      return { opened: toggled(opened, at, false), at };
    default:
      return null;
  }
}

export function toggle(opened: Opened, node: CallNode): Opened {
  return toggled(opened, node, !opened.has(node.id));
}
