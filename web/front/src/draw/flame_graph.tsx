// SPDX-License-Identifier: MIT
// A call tree as a flame graph. For the eye and the pointer: the tree table tells the same to everybody else. Names come
// from a reel and are set as text alone.
import flamegraph from 'd3-flame-graph';
import type { FlameFrame, FlameGraph as Graph, FlameTip } from 'd3-flame-graph';
import { select } from 'd3-selection';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import './flame_graph.css';
import type { CallNode, CallTree } from './call_tree';
import { boxColour, boxes, colouredModules } from './flame_boxes';
import type { Box, Colouring } from './flame_boxes';
import { concerned, hasName } from './marked';

interface FlameGraphProps {
  tree: CallTree;
  colouring: Colouring;
  /** Root above; else below, as flames. */
  isIcicle: boolean;
  /** Fills the width; the root: all. */
  zoomed: CallNode;
  /** Outlined. */
  selected: CallNode | null;
  /** Parts of names: what is found is marked, what a filter leaves is grey. */
  search: string;
  filter: string;
  /** What is told of a frame under the pointer; null: of the rest of its parent. */
  describe: (node: CallNode, isRest: boolean) => readonly string[];
  onPick: (node: CallNode) => void;
}

const ROW_PIXELS = 19;
const LEAST_PIXELS = 1; // narrower frames are not drawn
const TIP_OFFSET = 14;

/** Follows the pointer. Lines are set as text. */
function makeTip(host: HTMLElement, describe: (box: FlameFrame<Box>) => readonly string[]): FlameTip<Box> {
  const card = document.createElement('div');
  card.className = 'flame-tip';
  card.hidden = true;
  const tip = () => void host.append(card);
  tip.show = (event: MouseEvent, frame: FlameFrame<Box>) => {
    card.replaceChildren(
      ...describe(frame).map((line) => {
        const row = document.createElement('div');
        row.textContent = line;
        return row;
      }),
    );
    card.hidden = false;
    const left = Math.min(event.clientX + TIP_OFFSET, innerWidth - card.offsetWidth - 4);
    const isBelow = event.clientY + TIP_OFFSET + card.offsetHeight < innerHeight;
    card.style.left = `${Math.max(left, 4)}px`;
    card.style.top = `${isBelow ? event.clientY + TIP_OFFSET : event.clientY - card.offsetHeight - 6}px`;
  };
  tip.hide = () => {
    card.hidden = true;
  };
  return tip;
}

interface Drawn {
  graph: Graph<Box>;
  frames: Map<CallNode, FlameFrame<Box>>;
  zoomed: CallNode;
  /** The graph tells zooming as a click; of one that nobody made nothing is heard. */
  isQuiet: boolean;
}

interface Live {
  props: FlameGraphProps;
  modules: string[];
}

/** Draws a tree into an element; later changes of what is marked and zoomed are made to what is drawn. */
function draw(host: HTMLElement, live: { current: Live }): Drawn {
  const { tree, colouring, isIcicle } = live.current.props;
  const drawn: Drawn = { graph: flamegraph<Box>(), frames: new Map(), zoomed: tree.root, isQuiet: false };
  drawn.graph
    .width(Math.max(host.clientWidth, 200))
    .cellHeight(ROW_PIXELS)
    .minFrameSize(LEAST_PIXELS)
    .transitionDuration(0)
    .resetHeightOnZoom(true)
    .inverted(isIcicle)
    .getName((frame) => frame.data.name)
    .setColorMapper((frame) => boxColour(frame.data, tree, live.current.props.colouring, live.current.modules))
    .tooltip(
      makeTip(host, ({ data, parent }) => {
        const node = data.node ?? parent?.data.node ?? tree.root;
        return live.current.props.describe(node, data.node === null);
      }),
    )
    .onClick((frame) => {
      if (drawn.isQuiet) return;
      const node = frame.data.node ?? frame.parent?.data.node ?? tree.root;
      if (frame.data.node) drawn.zoomed = node;
      live.current.props.onPick(node);
    });
  const collect = (frame: FlameFrame<Box>) => {
    if (frame.data.node) drawn.frames.set(frame.data.node, frame);
    frame.children?.forEach(collect);
  };
  host.replaceChildren();
  select(host)
    .datum(boxes(tree, colouring === 'difference'))
    .call(drawn.graph);
  collect((host as unknown as { __data__: FlameFrame<Box> }).__data__);
  return drawn;
}

/** Marks what is drawn; the graph's own classes are left alone. */
function mark(host: HTMLElement, { tree, selected, search, filter }: FlameGraphProps): void {
  const passing = concerned(tree, filter);
  for (const element of host.querySelectorAll<SVGGElement>('g.frame')) {
    const node = (element as unknown as { __data__: FlameFrame<Box> }).__data__.data.node;
    const marks = [
      node !== null && node === selected ? 'selected' : '',
      node !== null && hasName(node, search) ? 'found' : '',
      passing !== null && (node === null || !passing.has(node.id)) ? 'dim' : '',
    ];
    element.dataset['mark'] = marks.filter(Boolean).join(' ');
  }
}

export function FlameGraph(props: FlameGraphProps) {
  const { tree, colouring, isIcicle, zoomed, selected, search, filter } = props;
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const modules = useMemo(() => colouredModules(tree), [tree]);
  const live = useRef<Live>({ props, modules });
  live.current = { props, modules };
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    drawn.current = draw(element, live);
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width || element.clientWidth === 0) return;
      width = element.clientWidth;
      drawn.current?.graph.width(width).update();
      mark(element, live.current.props);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.current?.graph.destroy();
      drawn.current = null;
    };
  }, [tree, isIcicle, colouring === 'difference']);
  useEffect(() => {
    if (drawn.current) zoom(drawn.current, zoomed);
    if (host.current) mark(host.current, live.current.props);
  }, [tree, isIcicle, zoomed]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) drawn.current?.graph.update();
    first.current = false;
    if (host.current) mark(host.current, live.current.props);
  }, [colouring]);
  useEffect(() => {
    if (host.current) mark(host.current, live.current.props);
  }, [selected, search, filter]);
  return <div class="flame" ref={host} aria-hidden="true" />;
}

function zoom(drawn: Drawn, node: CallNode): void {
  const frame = drawn.frames.get(node);
  if (!frame || drawn.zoomed === node) return;
  drawn.isQuiet = true;
  drawn.graph.zoomTo(frame);
  drawn.isQuiet = false;
  drawn.zoomed = node;
}
