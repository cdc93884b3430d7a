// SPDX-License-Identifier: MIT
// Two call trees as the difference of one: nodes are the same where the functions on their paths are. Of two recordings, or
// of two moments of one.
import { childOf, emptyTree, settle } from './call_tree';
import type { CallNode, CallTree } from './call_tree';

/** Names of programs differ between two builds; a function that is named is the same in both. */
function moduleOf(node: CallNode): string | null {
  return node.function === null ? node.module : null;
}

function add(tree: CallTree, into: CallNode, from: CallNode, sign: 1 | -1): void {
  into.self += sign * from.self;
  into.total += sign * from.total;
  into.blocks += sign * from.blocks;
  into.file ??= from.file;
  into.line ??= from.line;
  for (const child of from.children) add(tree, childOf(tree, into, child.function, moduleOf(child)), child, sign);
}

/** The second less the first. */
export function differenceOfTrees(first: CallTree, second: CallTree): CallTree {
  const tree = emptyTree();
  add(tree, tree.root, first.root, -1);
  add(tree, tree.root, second.root, 1);
  nameModules(tree.root, [first.root, second.root]);
  settle(tree);
  return { ...tree, hidden: [...new Set([...first.hidden, ...second.hidden])].sort() };
}

// Paths are made without modules; who looks at a node is told that of the later tree.
function nameModules(into: CallNode, from: readonly CallNode[]): void {
  for (const child of into.children) {
    const same = from.flatMap((node) => node.children.filter((other) => other.function === child.function));
    child.module ??= same.at(-1)?.module ?? null;
    nameModules(child, same);
  }
}

/** Where most changed by itself, without what changed below. */
export function greatestOwn(tree: CallTree, most: number): CallNode[] {
  const changed = tree.nodes.filter((node) => node.self !== 0);
  return changed.sort((left, right) => Math.abs(right.self) - Math.abs(left.self)).slice(0, most);
}
