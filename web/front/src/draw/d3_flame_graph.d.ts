// SPDX-License-Identifier: MIT
// What this app uses of d3-flame-graph and d3-selection, which bring no types.
declare module 'd3-selection' {
  export interface Selection {
    datum(data: unknown): Selection;
    call(draw: (selection: Selection) => void): Selection;
  }
  export function select(element: Element): Selection;
}

declare module 'd3-flame-graph' {
  import type { Selection } from 'd3-selection';

  /** A place in the drawing: x from 0 to 1. */
  export interface FlameFrame<T> {
    data: T;
    parent: FlameFrame<T> | null;
    children?: FlameFrame<T>[];
    id: number;
    x0: number;
    x1: number;
  }

  export interface FlameTip<T> {
    (): void;
    show: (event: MouseEvent, frame: FlameFrame<T>) => void;
    hide: () => void;
  }

  export interface FlameGraph<T> {
    (selection: Selection): void;
    width(pixels: number): this;
    cellHeight(pixels: number): this;
    minFrameSize(pixels: number): this;
    transitionDuration(ms: number): this;
    inverted(isRootAbove: boolean): this;
    resetHeightOnZoom(does: boolean): this;
    getName(name: (frame: FlameFrame<T>) => string): this;
    setColorMapper(colour: (frame: FlameFrame<T>) => string): this;
    tooltip(tip: FlameTip<T>): this;
    onClick(click: (frame: FlameFrame<T>) => void): this;
    zoomTo(frame: FlameFrame<T>): void;
    update(): this;
    destroy(): this;
  }

  export default function flamegraph<T>(): FlameGraph<T>;
}
