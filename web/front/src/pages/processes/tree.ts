// SPDX-License-Identifier: MIT
// Processes in the order of a tree: each right after its parent, children in the order of their beginning.

export interface Branch<P> {
  process: P;
  depth: number;
}

/** A parent that is missing, or that comes later (a damaged reel), makes a root. */
export function asTree<P extends { process: number; parent_process: number | null }>(
  processes: readonly P[],
): Branch<P>[] {
  const children = new Map<number | null, P[]>();
  const known = new Set<number>();
  for (const process of processes) {
    const parent = process.parent_process !== null && known.has(process.parent_process) ? process.parent_process : null;
    known.add(process.process);
    children.set(parent, [...(children.get(parent) ?? []), process]);
  }
  const found: Branch<P>[] = [];
  const pending = [...(children.get(null) ?? [])].reverse().map((process) => ({ process, depth: 0 }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    found.push(next);
    const { depth } = next;
    const below = [...(children.get(next.process.process) ?? [])].reverse();
    pending.push(...below.map((process) => ({ process, depth: depth + 1 })));
  }
  return found;
}
