// SPDX-License-Identifier: MIT
// What the user looks at: one plain value, the same in the terminal (viewer/state) and in the browser, and as text in a
// link. Says what there is and how it begins; does not read or write the text.
import type { Moment } from './moment';
import type { Filter } from './filter';
import { emptyFilter } from './filter';

// In the order of their tabs. The terminal has the first nine.
export const pages = [
  'overview',
  'classes',
  'map',
  'stacks',
  'sites',
  'lifetimes',
  'blocks',
  'findings',
  'processes',
  'compare',
  'sql',
  'export',
] as const;
export type Page = (typeof pages)[number];

// For its tab.
export const pageTitles: Readonly<Record<Page, string>> = {
  overview: 'Overview',
  classes: 'Classes',
  map: 'Map',
  stacks: 'Stacks',
  sites: 'Sites',
  lifetimes: 'Lifetimes',
  blocks: 'Blocks',
  findings: 'Findings',
  processes: 'Processes',
  compare: 'Compare',
  sql: 'SQL',
  export: 'Export',
};

export const measures = ['live', 'peak', 'allocated', 'temporary', 'leaked', 'pinned', 'rounding'] as const;
export type Measure = (typeof measures)[number];

// What stacks and sites are of: the measure at the moment, its difference from A to B, or what was allocated, freed,
// alive or not freed from A to B. A mark that is not set is the moment.
export const modes = ['moment', 'difference', 'allocated', 'freed', 'alive', 'unfreed'] as const;
export type Mode = (typeof modes)[number];

// What the colours of the map mean.
export const colours = ['fill', 'class', 'zone', 'age', 'stack'] as const;
export type Colour = (typeof colours)[number];

// How call trees are drawn.
export const shapes = ['both', 'icicle', 'flames', 'table'] as const;
export type Shape = (typeof shapes)[number];

// Of a table on the page; a name is a column of the engine's answer.
interface Sort {
  column: string;
  isDescending: boolean;
}

// A stretch of memory, of at least one byte.
export interface Place {
  process: number; // 0: the only one that has it
  address: number;
  bytes: number;
}

// What is selected in any page is highlighted in all. Several may be: a class, a stack and a stretch of memory.
export interface Selection {
  class: number | null;
  stack: number | null;
  place: Place | null;
}

// Numbers are whole and below 2^53.
export interface State {
  t: Moment;
  a: Moment | null;
  b: Moment | null;
  zoom: { beginNs: number; endNs: number | null }; // what the timeline shows; null: to the end, whenever that is
  process: number; // 0 = all
  page: Page;
  measure: Measure;
  mode: Mode;
  isInverted: boolean; // callees first
  hasAllFrames: boolean; // call trees show those too that are hidden
  shape: Shape;
  focus: number; // of the path to the frame that fills a call tree's width, in 32 bits; 0: none
  isFollowing: boolean;
  selection: Selection;
  filter: Filter;
  search: string;
  // What the terminal has not, and skips:
  reel: number; // which of those that are served, from 0
  other: number | null; // the second one in a comparison
  colour: Colour;
  columns: string[]; // of the page's table; none: those that it begins with
  sort: Sort | null;
  sql: string;
}

export function initialState(): State {
  return {
    t: { events: 0 },
    a: null,
    b: null,
    zoom: { beginNs: 0, endNs: null },
    process: 0,
    page: 'overview',
    measure: 'live',
    mode: 'moment',
    isInverted: false,
    hasAllFrames: false,
    shape: 'both',
    focus: 0,
    isFollowing: false,
    selection: { class: null, stack: null, place: null },
    filter: emptyFilter(),
    search: '',
    reel: 0,
    other: null,
    colour: 'fill',
    columns: [],
    sort: null,
    sql: '',
  };
}
