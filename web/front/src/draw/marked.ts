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

/** The one that is found after the last, in the order of the rows; around from the end. */
export function nextFound(tree: CallTree, part: string, last: CallNode | null, by: 1 | -1): CallNode | null {
  const found: CallNode[] = [];
  const visit = (node: CallNode) => {
    if (hasName(node, part)) found.push(node);
    node.children.forEach(visit);
  };
  visit(tree.root);
  const at = last ? found.indexOf(last) : -1;
  const next = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
  return found[next] ?? null;
}
