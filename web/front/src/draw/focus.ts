// SPDX-License-Identifier: MIT
// The frame that fills a call tree's width, as a link has it: a number of the names on its path. So it is short, and is the
// same frame at another moment and in another recording.
import type { CallNode, CallTree } from './call_tree';

// FNV-1a, over the letters of a name and one that no name has behind it.
const BASIS = 2166136261;
const PRIME = 16777619;
const END = 0xffff;

function further(path: number, key: string): number {
  let hash = path;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), PRIME);
  return Math.imul(hash ^ END, PRIME);
}

// 0 stands for none.
function told(path: number): number {
  return path >>> 0 || 1;
}

/** Of the root: 0. */
export function focusOf(node: CallNode): number {
  const path = (at: CallNode): number => (at.parent ? further(path(at.parent), at.key) : BASIS);
  return node.parent ? told(path(node)) : 0;
}

/** Null: the tree has no such frame. */
export function focused(tree: CallTree, focus: number): CallNode | null {
  if (focus === 0) return tree.root;
  const paths: number[] = [BASIS]; // parents come before their children
  return (
    tree.nodes.find((node) => {
      if (!node.parent) return false;
      const path = further(paths[node.parent.id] ?? BASIS, node.key);
      paths[node.id] = path;
      return told(path) === focus;
    }) ?? null
  );
}
