// SPDX-License-Identifier: MIT
// The call tree that is shown, made of the engine's: frames that nobody wants to see fall away and what they held is their
// callers'. Adds up nothing else.
import type { Columns } from '~/source/source';
import { baseName, nameless } from '~/text/stack';
import type { IsLeftOut } from './left_out';

export interface CallNode {
  /** Place in the tree's list; parents come before their children, the root is 0. */
  id: number;
  parent: CallNode | null;
  depth: number;
  /** Function and module: what makes a path. */
  key: string;
  function: string | null;
  file: string | null;
  line: number | null;
  module: string | null;
  /** Of stacks that end here. */
  self: number;
  total: number;
  blocks: number;
  /** Of the total, what neither ends here nor is in a child that is shown. */
  rest: number;
  /** Sum below of amounts without their signs: the width. */
  weight: number;
  /** The only stack that it is of; null: several, or none is known. */
  stack: number | null;
  /** The greatest first. */
  children: CallNode[];
}

export interface CallTree {
  root: CallNode;
  nodes: CallNode[];
  /** Functions that are left out. */
  hidden: string[];
}

export type FlameColumns = Columns<'Flame'>;

const OWN = 1; // any stack: what is left of it when all of its frames are Heapreel's

export function keyOf(name: string | null, module: string | null): string {
  return `${name ?? ''}\n${module ?? ''}`;
}

export function emptyTree(): CallTree {
  const root = newNode(0, null, null, null);
  return { root, nodes: [root], hidden: [] };
}

function newNode(id: number, parent: CallNode | null, name: string | null, module: string | null): CallNode {
  return {
    id,
    parent,
    depth: parent ? parent.depth + 1 : 0,
    key: keyOf(name, module),
    function: name,
    file: null,
    line: null,
    module,
    self: 0,
    total: 0,
    blocks: 0,
    rest: 0,
    weight: 0,
    stack: null,
    children: [],
  };
}

/** The child of that name, made where there is none. */
export function childOf(tree: CallTree, parent: CallNode, name: string | null, module: string | null): CallNode {
  const key = keyOf(name, module);
  const found = parent.children.find((child) => child.key === key);
  if (found) return found;
  const made = newNode(tree.nodes.length, parent, name, module);
  tree.nodes.push(made);
  parent.children.push(made);
  return made;
}

function isSameUnnamed(parent: CallNode, name: string | null, module: string | null): boolean {
  return name === null && parent.function === null && module !== null && parent.module === module;
}

/** Rows as flame() gives them. What isHidden falls away. */
export function callTree(c: FlameColumns, isHidden: IsLeftOut): CallTree {
  const tree = emptyTree();
  const shown: CallNode[] = [tree.root];
  const hidden = new Set<string>();
  const count = c.node.length;
  if (count > 0) take(tree.root, c, 0);
  for (let row = 1; row < count; row++) {
    const parent = shown[c.parent[row] ?? 0] ?? tree.root;
    const [name, module] = [c.function[row] ?? null, c.module[row] ?? null];
    const isLeftOut = isHidden(name, module);
    if (isLeftOut) hidden.add(name ?? baseName(module ?? ''));
    if (isLeftOut || isSameUnnamed(parent, name, module)) {
      shown[row] = parent;
      giveUp(tree, parent, c, row);
      continue;
    }
    const node = childOf(tree, parent, name, module);
    shown[row] = node;
    node.file ??= c.file[row] ?? null;
    node.line ??= c.line[row] ?? null;
    take(node, c, row);
  }
  settle(tree);
  return { ...tree, hidden: [...hidden].sort() };
}

function take(node: CallNode, c: FlameColumns, row: number): void {
  const stack = c.stack[row] ?? null;
  node.stack = node.total === 0 && node.blocks === 0 ? stack : node.stack === stack ? stack : null;
  node.self += c.self_bytes[row] ?? 0;
  node.total += c.total_bytes[row] ?? 0;
  node.blocks += c.total_blocks[row] ?? 0;
}

// What ends in a frame that is left out ends in its caller; without one it has a node of its own.
function giveUp(tree: CallTree, parent: CallNode, c: FlameColumns, row: number): void {
  const self = c.self_bytes[row] ?? 0;
  if (self === 0) return;
  if (parent !== tree.root) {
    parent.self += self;
    return;
  }
  const node = childOf(tree, parent, nameless(OWN), null);
  node.self += self;
  node.total += self;
  node.blocks += ownBlocks(c, row);
}

// What its callees do not have; none where the tree does not show them all, as theirs are not told then.
function ownBlocks(c: FlameColumns, row: number): number {
  let [bytes, blocks] = [(c.total_bytes[row] ?? 0) - (c.self_bytes[row] ?? 0), c.total_blocks[row] ?? 0];
  for (let callee = row + 1; callee < c.node.length; callee++) {
    if (c.parent[callee] !== row) continue;
    bytes -= c.total_bytes[callee] ?? 0;
    blocks -= c.total_blocks[callee] ?? 0;
  }
  return bytes === 0 ? blocks : 0;
}

/** Rests, widths and order, from the leaves upwards. */
export function settle(tree: CallTree): void {
  for (let id = tree.nodes.length - 1; id >= 0; id--) {
    const node = tree.nodes[id];
    if (!node) continue;
    node.rest = node.children.reduce((left, child) => left - child.total, node.total - node.self);
    node.weight = node.children.reduce((sum, child) => sum + child.weight, Math.abs(node.self) + Math.abs(node.rest));
    node.children.sort((left, right) => right.weight - left.weight || left.id - right.id);
  }
}

/** From the outermost that is shown to the node; the root is left out. */
export function pathTo(node: CallNode): CallNode[] {
  const path: CallNode[] = [];
  for (let at: CallNode | null = node; at?.parent; at = at.parent) path.unshift(at);
  return path;
}

/** The node at the end of a path of keys, or the last that the tree has of it. */
export function followPath(tree: CallTree, keys: readonly string[]): CallNode {
  let node = tree.root;
  for (const key of keys) {
    const next = node.children.find((child) => child.key === key);
    if (!next) break;
    node = next;
  }
  return node;
}
