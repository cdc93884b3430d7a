// SPDX-License-Identifier: MIT
// Which nodes of a call tree are found, and which a filter leaves grey.
import type { CallNode, CallTree } from './call_tree';

export function hasName(node: CallNode, part: string): boolean {
  return part !== '' && (node.function ?? '').toLowerCase().includes(part.toLowerCase());
}

/** Those that are of a stack with such a function: it, what calls it, and what it calls. Null: all are. */
export function concerned(tree: CallTree, part: string): ReadonlySet<number> | null {
  if (part === '') return null;
  const found = new Set<number>();
  const visit = (node: CallNode, isBelow: boolean): boolean => {
    const isIn = isBelow || hasName(node, part);
    const has = node.children.map((child) => visit(child, isIn)).includes(true);
    if (isIn || has) found.add(node.id);
    return isIn || has;
  };
  visit(tree.root, false);
  return found;
}
