// SPDX-License-Identifier: MIT
// A call tree as the boxes of a flame graph: their widths, names and colours. Texts and colours only; nothing is drawn here.
import { formatBytes, formatDelta } from '~/text/format';
import { functionName } from '~/text/stack';
import type { CallNode, CallTree } from './call_tree';
import { colourOf, cssOf, magnitude, mix } from './palette';

export interface Box {
  node: CallNode;
  /** The rest of the node's callees, which the tree does not show. */
  isRest: boolean;
  depth: number;
  /** Shares of the width. */
  begin: number;
  width: number;
}

export type Colouring = 'module' | 'share' | 'difference';

export function frameLabel(node: CallNode): string {
  return functionName({
    function: node.function ?? '(no name)',
    file: node.file,
    line: node.line,
    module: node.module,
    is_inlined: false,
    offset: null,
  });
}

/** A sign is the second channel of a difference's colour. */
export function boxLabel({ node, isRest }: Box, isDifference: boolean): string {
  if (isRest) return '(other)';
  if (node.parent === null) return 'all';
  const sign = !isDifference || node.total === 0 ? '' : node.total < 0 ? '− ' : '+ ';
  return sign + frameLabel(node);
}

/** What is wider than `least` when a node fills the width: its callers, all as wide, itself and what it calls. */
export function boxes(zoomed: CallNode, least: number): Box[] {
  const found: Box[] = [];
  for (let at = zoomed.parent; at; at = at.parent)
    found.unshift({ node: at, isRest: false, depth: at.depth, begin: 0, width: 1 });
  const place = (box: Box) => {
    const { node, isRest, depth, width } = box;
    found.push(box);
    if (isRest || node.children.length === 0) return;
    let begin = box.begin;
    const add = (callee: CallNode, isRestOf: boolean, amount: number) => {
      const share = (width * amount) / node.weight;
      if (share > least) place({ node: callee, isRest: isRestOf, depth: depth + 1, begin, width: share });
      begin += share;
    };
    for (const callee of node.children) add(callee, false, callee.weight);
    add(node, true, Math.abs(node.rest));
  };
  place({ node: zoomed, isRest: false, depth: zoomed.depth, begin: 0, width: 1 });
  return found;
}

// All are light enough for dark letters, in both themes.
const GREY = '#d5d8dc';
const moduleColours = ['#f0bd5a', '#8fcdf2', '#66c6a6', '#f3ea7d', '#7fb4de', '#f0a071', '#e3b0cc', '#bdbdbd'];
const MORE = colourOf('#f2953f');
const LESS = colourOf('#6db1ea');
const NO_CHANGE = colourOf(GREY);
const LIGHT_HALF = 0.5; // of cividis: dark letters can be read on it

/** Modules by what they hold, the greatest first: those with a colour of their own. */
export function colouredModules(tree: CallTree): string[] {
  const held = new Map<string, number>();
  for (const node of tree.nodes)
    if (node.module !== null) held.set(node.module, (held.get(node.module) ?? 0) + Math.abs(node.self) + node.weight);
  const byAmount = [...held].sort((left, right) => right[1] - left[1]);
  return byAmount.slice(0, moduleColours.length).map(([module]) => module);
}

export function moduleColour(modules: readonly string[], module: string | null): string {
  return module === null ? GREY : (moduleColours[modules.indexOf(module)] ?? GREY);
}

export function boxColour(box: Box, tree: CallTree, colouring: Colouring, modules: readonly string[]): string {
  const { node, isRest } = box;
  if (isRest || node.parent === null) return GREY;
  if (colouring === 'module') return moduleColour(modules, node.module);
  if (colouring === 'share')
    return cssOf(magnitude(LIGHT_HALF + (1 - LIGHT_HALF) * (node.weight / (tree.root.weight || 1))));
  const strength = node.weight === 0 ? 0 : Math.abs(node.total) / node.weight;
  return cssOf(mix(NO_CHANGE, node.total < 0 ? LESS : MORE, node.total === 0 ? 0 : 0.25 + 0.75 * strength));
}

/** Negative amounts there are in differences alone. */
export function formatAmount(bytes: number, isDifference: boolean): string {
  return isDifference || bytes < 0 ? formatDelta(bytes) : formatBytes(bytes);
}
