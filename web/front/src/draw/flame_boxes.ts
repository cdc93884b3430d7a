// SPDX-License-Identifier: MIT
// A call tree as the boxes of a flame graph: their widths, names and colours. Texts and colours only; nothing is drawn here.
import { formatBytes, formatDelta } from '~/text/format';
import { functionName } from '~/text/stack';
import type { CallNode, CallTree } from './call_tree';
import { colourOf, cssOf, magnitude, mix } from './palette';

export interface Box {
  /** Null: the rest of its parent, which the tree does not show. */
  node: CallNode | null;
  name: string;
  /** The width. */
  value: number;
  children: Box[];
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
function nameOf(node: CallNode, isDifference: boolean): string {
  if (node.parent === null) return 'all';
  const sign = !isDifference || node.total === 0 ? '' : node.total < 0 ? '− ' : '+ ';
  return sign + frameLabel(node);
}

export function boxes(tree: CallTree, isDifference: boolean): Box {
  const make = (node: CallNode): Box => {
    const children = node.children.map(make);
    const isRestShown = node.rest !== 0 && children.length > 0;
    if (isRestShown) children.push({ node: null, name: '(other)', value: Math.abs(node.rest), children: [] });
    return { node, name: nameOf(node, isDifference), value: node.weight, children };
  };
  return make(tree.root);
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
  const node = box.node;
  if (node === null || node.parent === null) return GREY;
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
