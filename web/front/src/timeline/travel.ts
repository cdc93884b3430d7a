// SPDX-License-Identifier: MIT
// The actions that move in time, set marks and zoom: those of the scope TIME in viewer/keys.def, done as the terminal
// does them.
import type { Actions } from '~/keys/actions';
import { isLive } from '~/store/live';
import { scrubTo } from '~/store/moving';
import { cursorNs, points, run, span, timeOfMoment } from '~/store/run';
import { say } from '~/store/said';
import { asked, change, goTo, resolved, view } from '~/store/view';
import type { Moment } from '~/state/moment';
import type { State } from '~/state/state';
import { momentAt } from './moment_time';
import { isPlaying, pause, play, setSpeed, speed } from './player';
import { keptInSight, spanBetween, zoomedAround, zoomOf } from './span';
import type { Span } from './span';
import { columnsAway, nextTime } from './steps';

const COLUMNS_FAR = 10;

// --- moving

function keepInSight(tNs: number | null): void {
  const shown = span.peek();
  const wanted = tNs === null ? shown : keptInSight(shown, tNs, run.peek().endNs);
  if (wanted !== shown) zoomTo(wanted);
}

/** Stops playing and goes there; a zoom that the moment leaves is moved after it. */
export function travelTo(moment: Moment): void {
  pause();
  goTo(moment);
  keepInSight(timeOfMoment(moment));
}

/** The moment as a number of events; null while it is being looked for. */
function eventsNow(): number | null {
  const { t } = view.peek();
  if ('events' in t) return t.events;
  const found = resolved.peek();
  return found !== null && found.asked === t.text ? found.events : null;
}

function stepEvent(by: number): void {
  const events = eventsNow();
  if (events !== null) travelTo({ events: Math.max(0, Math.min(run.peek().events, events + by)) });
}

function stepColumns(columns: number): void {
  const events = eventsNow() ?? resolved.peek()?.events ?? 0;
  const to = columnsAway(span.peek(), cursorNs.peek(), columns, events, points.peek());
  pause();
  scrubTo(to >= run.peek().endNs ? { events: run.peek().events } : momentAt(to));
  keepInSight(to);
}

function stepMark(isOn: boolean): void {
  const { a, b } = view.peek();
  const marks: (Moment | null)[] = [a, b, { text: 'peak' }, { text: 'worst' }];
  const to = nextTime(marks.map(timeOfMoment), cursorNs.peek(), isOn);
  const mark = marks.find((each) => timeOfMoment(each) === to);
  if (to === null || !mark) say(isOn ? 'no mark after this moment' : 'no mark before this moment');
  else travelTo(mark);
}

// With the question that one goes there for.
function goAndAsk(text: 'peak' | 'worst', measure: State['measure']): void {
  travelTo({ text });
  change({ measure, mode: 'moment' });
}

// --- marks and zoom

/** The same mark at the same moment again clears it. */
export function setMark(mark: 'a' | 'b', moment: Moment = view.peek().t): void {
  const held = view.peek()[mark];
  const isThere = held !== null && asked(held) === asked(moment);
  const fixed = eventsNow();
  const isNow = moment === view.peek().t && fixed !== null;
  change(
    { [mark]: isThere ? null : isNow && 'text' in moment && moment.text === 'end' ? { events: fixed } : moment },
    'push',
  );
  const name = mark.toUpperCase();
  say(isThere ? `mark ${name} cleared` : `mark ${name} set: ${mark} again clears it`);
}

export function zoomTo(wanted: Span): void {
  change({ zoom: zoomOf(wanted, run.peek().endNs) });
}

export function zoomBy(factor: number, aroundNs: number = cursorNs.peek()): void {
  zoomTo(zoomedAround(span.peek(), aroundNs, factor, run.peek().endNs));
}

// To the marks; once between them, nearer.
function zoomIn(): void {
  const { a, b } = view.peek();
  const [aNs, bNs] = [timeOfMoment(a), timeOfMoment(b)];
  if (aNs === null || bNs === null) return zoomBy(1 / 2);
  const wanted = spanBetween(aNs, bNs, run.peek().endNs);
  const shown = span.peek();
  if (shown.beginNs >= wanted.beginNs && shown.endNs <= wanted.endNs) zoomBy(1 / 2);
  else zoomTo(wanted);
}

/** From A to B (a mark that is not set is the moment); again: back to the moment. */
function difference(): void {
  const isOn = view.peek().mode === 'difference';
  if (!isOn && view.peek().a === null && view.peek().b === null) return say('set mark A or B first: a, b');
  const { page } = view.peek();
  const isThere = page === 'stacks' || page === 'sites';
  change(
    { mode: isOn && isThere ? 'moment' : 'difference', ...(isThere ? {} : { page: 'stacks', sort: null }) },
    'push',
  );
}

// --- playing and following

export function follow(): void {
  pause();
  if (!isLive.peek()) return say('the recording has ended: there is nothing to follow');
  change({ t: { text: 'end' }, isFollowing: true });
}

// What was followed stays at the moment that was last seen.
function freeze(): void {
  const found = resolved.peek();
  goTo(found === null ? view.peek().t : { events: found.events });
}

function playOrPause(): void {
  if (isPlaying.peek()) pause();
  else if (view.peek().isFollowing && isLive.peek()) freeze();
  else if (isLive.peek() && cursorNs.peek() >= run.peek().endNs) follow();
  else play();
}

export const travelActions: Actions = {
  PLAY: playOrPause,
  SLOWER: () => setSpeed(speed.peek() / 2),
  FASTER: () => setSpeed(speed.peek() * 2),
  BACK_COLUMN: () => stepColumns(-1),
  ON_COLUMN: () => stepColumns(1),
  BACK_COLUMNS: () => stepColumns(-COLUMNS_FAR),
  ON_COLUMNS: () => stepColumns(COLUMNS_FAR),
  BACK_EVENT: () => stepEvent(-1),
  ON_EVENT: () => stepEvent(1),
  BACK_MARK: () => stepMark(false),
  ON_MARK: () => stepMark(true),
  BEGIN: () => travelTo({ events: 0 }),
  END: () => travelTo({ events: run.peek().events }),
  PEAK: () => goAndAsk('peak', 'live'),
  WORST: () => goAndAsk('worst', 'pinned'),
  FOLLOW: follow,
  SET_A: () => setMark('a'),
  SET_B: () => setMark('b'),
  DIFFERENCE: difference,
  ZOOM: zoomIn,
  UNZOOM: () => zoomBy(2),
  ZOOM_ALL: () => change({ zoom: { beginNs: 0, endNs: null } }),
};
