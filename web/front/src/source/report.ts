// SPDX-License-Identifier: MIT
// Answers that lie in the page itself: a report holds those at some moments, and says so where others are asked about.
// The nearest moment that it holds stands for the one that is asked about.
import { formatTime } from '~/text/format';
import { pathOf } from './address';
import { snapped } from './report_moments';
import type { Kept, KeptMoments } from './report_moments';
import type { Records } from './report_pack';
import { regrouped } from './report_timeline';
import { Refusal } from './source';
import type { Answer, BlobName, Parameters, ReelFacts, RowsName, Source } from './source';

/** What the generator tells of the report. */
interface About {
  version: number;
  reel: ReelFacts;
  processes: number;
  /** By path: what a question takes that does not say it. */
  defaults: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Parameters whose every value has the same record. */
  choose_none: Readonly<Record<string, readonly string[]>>;
  left_out: readonly string[];
}

type Values = Readonly<Record<string, unknown>>;

const VERSION = 1;
const MOMENTS = ['t', 't0', 't1', 't2'];
const CUTS = ['count', 'limit']; // of rows; those of a larger count begin with those of a smaller one
const TOLD = 4;

export class Report implements Source {
  readonly kind = 'report';
  private readonly about: About;
  readonly moments: KeptMoments;
  /** What there was no room for, in words. */
  readonly leftOut: readonly string[];

  constructor(private readonly records: Records) {
    this.about = this.parsed('about') as About;
    if (this.about?.version !== VERSION) throw new Error('another version made it');
    this.leftOut = this.about.left_out;
    this.moments = this.momentsKept();
  }

  reels(): Promise<ReelFacts[]> {
    return Promise.resolve([this.about.reel]);
  }

  async rows<N extends RowsName>(_reel: number, name: N, parameters: Parameters<N>): Promise<Answer<N>> {
    const path = pathOf(name);
    const answer: unknown = JSON.parse(new TextDecoder().decode(this.record(path, parameters)));
    if (path === 'timeline') return this.timeline(answer as Answer<'Timeline'>, parameters) as Answer<N>;
    return cut(answer as Answer<N> & Rows, this.withDefaults(path, parameters));
  }

  async blob<N extends BlobName>(_reel: number, name: N, parameters: Parameters<N>): Promise<ArrayBuffer> {
    const bytes = this.record(pathOf(name), parameters);
    return bytes.slice().buffer as ArrayBuffer; // its own: arrays of numbers begin where they may
  }

  /** Whether another moment stands for this one: the moment's time; null where it is held itself. */
  standIn(asked: string, tNs: number | null): number | null {
    const events = snapped(asked, this.moments);
    const kept = this.moments.all.find((each) => each.events === events);
    const isTime = /[s%]$/.test(asked); // the time of an event is that of the moment that stands for it
    const isIt = this.moments.named.get(asked) === events || String(events) === asked || (isTime && kept?.tNs === tNs);
    return isIt || !kept ? null : kept.tNs;
  }

  private withDefaults(path: string, parameters: Values): Values {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
    return { ...this.about.defaults[path], ...Object.fromEntries(given) };
  }

  /** The same as the generator's: what chooses among answers, by name, without what goes without saying. */
  private address(path: string, parameters: Values): string {
    const { defaults, choose_none: chooseNone, processes } = this.about;
    const values = Object.entries(this.withDefaults(path, parameters))
      .filter(([name]) => !chooseNone[path]?.includes(name) && !(name === 'process' && processes < 2))
      .map(([name, value]) => [name, MOMENTS.includes(name) ? snapped(String(value), this.moments) : value] as const)
      .filter(([name, value]) => MOMENTS.includes(name) || defaults[path]?.[name] !== String(value))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    return `${path}?${values.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
  }

  private record(path: string, parameters: Values): Uint8Array {
    const address = this.address(path, parameters);
    const found = this.records.get(address);
    if (found) return found;
    throw new Refusal(404, 'this report does not hold it', this.about.reel.name, this.where(address));
  }

  /** Where else the report has it, and what has all. */
  private where(address: string): string {
    const command = `heapreel web ${this.about.reel.name}`;
    const [path, query = ''] = address.split('?');
    const at = (events: string) => query.replace(/(^|&)(t1?)=\d+/g, `$1$2=${events}`);
    const others = this.moments.all.filter(({ events }) => this.records.has(`${path}?${at(String(events))}`));
    if (others.length === 0) return `${command} does`;
    const more = others.length > TOLD ? ' and others' : '';
    return `it has it at ${others
      .slice(0, TOLD)
      .map((each) => this.nameOf(each))
      .join(', ')}${more}; ${command} has all`;
  }

  private nameOf({ events, tNs }: Kept): string {
    for (const [name, at] of this.moments.named) if (at === events) return name;
    return formatTime(tNs);
  }

  private timeline(answer: Answer<'Timeline'>, asked: Parameters<'Timeline'>): Answer<'Timeline'> {
    const { t0_ns: begin, t1_ns: end, points } = asked;
    const columns = regrouped(answer.columns, begin ?? 0, end ?? Infinity, points ?? 500);
    return { ...answer, columns, rows: columns.begin_ns.length };
  }

  private parsed(address: string): unknown {
    const record = this.records.get(address);
    return record ? JSON.parse(new TextDecoder().decode(record)) : null;
  }

  /** Each moment whose heap the report holds; the names are the reel's. */
  private momentsKept(): KeptMoments {
    const all: Kept[] = [];
    for (const address of this.records.keys()) {
      const events = /^heap\?t=(\d+)$/.exec(address)?.[1];
      if (events === undefined) continue;
      const { columns } = this.parsed(address) as Answer<'Heap'>;
      all.push({ events: Number(events), tNs: columns.t_ns[0] ?? 0 });
    }
    const { columns } = this.parsed('moments?') as Answer<'Moments'>;
    const run = (this.parsed('run?') as Answer<'Run'>).columns;
    return {
      all: all.sort((left, right) => left.events - right.events),
      named: new Map(columns.name.map((name, row) => [name, columns.events[row] ?? 0])),
      endNs: run.duration_ns[0] ?? 0,
    };
  }
}

interface Rows {
  rows: number;
  truncated: 'rows' | 'time' | null;
  columns: object;
}

/** The rows that were asked for, of an answer that has more. */
function cut<T>(answer: T & Rows, asked: Values): T {
  const rows = Math.min(...CUTS.map((name) => Number(asked[name] ?? Infinity)));
  if (!(rows < answer.rows)) return answer;
  const columns = Object.entries(answer.columns).map(([name, values]) => [name, (values as unknown[]).slice(0, rows)]);
  const truncated = asked['limit'] === undefined ? answer.truncated : 'rows';
  return { ...answer, rows, truncated, columns: Object.fromEntries(columns) as object };
}
