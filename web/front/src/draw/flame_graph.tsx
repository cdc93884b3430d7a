// SPDX-License-Identifier: MIT
// A call tree as a flame graph. For the eye and the pointer: the tree table tells the same to everybody else. Names come
// from a reel and are set as text alone.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import './flame_graph.css';
import type { CallNode, CallTree } from './call_tree';
import { boxColour, boxLabel, boxes, colouredModules } from './flame_boxes';
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
  /** What is told of a frame under the pointer, or of the rest below it. */
  describe: (node: CallNode, isRest: boolean) => readonly string[];
  onPick: (node: CallNode) => void;
}

const ROW_PIXELS = 19;
const LEAST_PIXELS = 1; // narrower frames are not drawn
const NAMED_PIXELS = 35; // narrower ones have no room for a name
const GAP_PIXELS = 1;
const TIP_OFFSET = 14;

interface Pointed {
  box: Box;
  x: number;
  y: number;
}

export function FlameGraph(props: FlameGraphProps) {
  const { zoomed, isIcicle } = props;
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const drawn = useMemo(() => (width === 0 ? [] : boxes(zoomed, LEAST_PIXELS / width)), [zoomed, width]);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const at = (event: MouseEvent): Box | undefined => drawn[Number((event.target as HTMLElement).dataset['box'] ?? -1)];
  const look = (event: MouseEvent) => {
    const box = at(event);
    setPointed(box ? { box, x: event.clientX, y: event.clientY } : null);
  };
  const pick = (event: MouseEvent) => {
    const box = at(event);
    setPointed(null);
    if (box) props.onPick(box.node);
  };
  const rows = drawn.reduce((most, { depth }) => Math.max(most, depth + 1), 0);
  return (
    <div
      class={isIcicle ? 'flame' : 'flame is-upwards'}
      ref={host}
      aria-hidden="true"
      style={{ height: `${(rows + 1) * ROW_PIXELS}px` }}
      onMouseOver={look}
      onMouseLeave={() => setPointed(null)}
      onClick={pick}
    >
      <Boxes {...props} drawn={drawn} width={width} />
      {pointed && drawn.includes(pointed.box) && (
        <Tip {...pointed} lines={props.describe(pointed.box.node, pointed.box.isRest)} />
      )}
    </div>
  );
}

/** 0: not known yet. */
function useWidth(host: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const look = () => element.clientWidth > 0 && setWidth(element.clientWidth);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}

interface BoxesProps extends FlameGraphProps {
  drawn: readonly Box[];
  width: number;
}

/** There are thousands: they are drawn anew only where what they show has changed. */
function Boxes({ tree, drawn, width, colouring, isIcicle, zoomed, selected, search, filter }: BoxesProps) {
  return useMemo(() => {
    const modules = colouredModules(tree);
    const passing = concerned(tree, filter);
    const marksOf = ({ node, isRest }: Box) =>
      [
        !isRest && node === selected ? 'selected' : '',
        !isRest && hasName(node, search) ? 'found' : '',
        passing !== null && (isRest || !passing.has(node.id)) ? 'dim' : '',
        node.depth < zoomed.depth ? 'caller' : '',
      ].join(' ');
    return drawn.map((box, place) => {
      const pixels = box.width * width;
      const style: Record<string, string> = {
        left: `${box.begin * width}px`,
        width: `${pixels - Math.min(GAP_PIXELS, pixels / 4)}px`,
        [isIcicle ? 'top' : 'bottom']: `${box.depth * ROW_PIXELS}px`,
        background: boxColour(box, tree, colouring, modules),
      };
      return (
        <div key={place} class="flame-box" data-box={place} data-mark={marksOf(box)} style={style}>
          {pixels >= NAMED_PIXELS && boxLabel(box, colouring === 'difference')}
        </div>
      );
    });
  }, [tree, drawn, width, colouring, isIcicle, zoomed, selected, search, filter]);
}

/** What follows the pointer. */
function Tip({ x, y, lines }: Omit<Pointed, 'box'> & { lines: readonly string[] }) {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = card.current;
    if (!element) return;
    const left = Math.min(x + TIP_OFFSET, innerWidth - element.offsetWidth - 4);
    const isBelow = y + TIP_OFFSET + element.offsetHeight < innerHeight;
    element.style.left = `${Math.max(left, 4)}px`;
    element.style.top = `${isBelow ? y + TIP_OFFSET : y - element.offsetHeight - 6}px`;
  });
  return (
    <div class="flame-tip" ref={card}>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}
