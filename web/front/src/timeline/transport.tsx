// SPDX-License-Identifier: MIT
// The row below the plot: moves and plays, tells the moment, goes to one that is written, explains the curves.
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { addActions } from '~/keys/actions';
import { shownKeys } from '~/keys/table';
import { isLive } from '~/store/live';
import { cursorNs, run } from '~/store/run';
import { said } from '~/store/said';
import { change, resolved, view } from '~/store/view';
import { formatCount, formatTime } from '~/text/format';
import { destinationOf } from './goto';
import { Legend } from './legend';
import { isPlaying, nameOfSpeed, setSpeed, speed, speeds } from './player';
import { travelActions, travelTo } from './travel';

function Step({ action, name, children }: { action: string; name: string; children: ComponentChildren }) {
  return (
    <button
      type="button"
      aria-label={name}
      title={`${name} (${shownKeys(action)})`}
      onClick={() => travelActions[action]?.()}
    >
      {children}
    </button>
  );
}

function Play() {
  const isRunning = isPlaying.value || (view.value.isFollowing && isLive.value);
  return (
    <Step action="PLAY" name={isRunning ? 'Pause' : 'Play'}>
      <span class="glyph">{isRunning ? '❚❚' : '▶'}</span>
    </Step>
  );
}

function Speed() {
  return (
    <select aria-label="Speed" value={speed.value} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
      {speeds.map((value) => (
        <option key={value} value={value}>
          {nameOfSpeed(value)}
        </option>
      ))}
    </select>
  );
}

// While a program is recorded the moment may be found later than the run was asked how long it is.
function Now() {
  const [ns, events] = [cursorNs.value, resolved.value?.events ?? 0];
  return (
    <span class="mono now">
      {formatTime(ns)} <span class="quiet">/ {formatTime(Math.max(run.value.endNs, ns))}</span>{' '}
      <span class="quiet" title="events up to the moment">
        #{formatCount(events)} of {formatCount(Math.max(run.value.events, events))}
      </span>
    </span>
  );
}

function Goto() {
  const field = useRef<HTMLInputElement>(null);
  const [refusal, setRefusal] = useState('');
  addActions({ GOTO: () => field.current?.focus() });
  const go = (text: string) => {
    try {
      const found = destinationOf(text, view.peek());
      if ('moment' in found) travelTo(found.moment);
      else change({ selection: { ...view.peek().selection, place: found.place }, page: 'blocks' }, 'push');
      setRefusal('');
      field.current?.blur();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      class="goto"
      onSubmit={(event) => {
        event.preventDefault();
        if (field.current) go(field.current.value);
      }}
    >
      <input
        ref={field}
        size={13}
        placeholder="go to 12.5s"
        aria-label="Go to a moment or an address"
        aria-invalid={refusal !== ''}
        title={`12.5s #1000 40% peak worst begin end A B 0x7f001000 (${shownKeys('GOTO')})`}
      />
      {refusal && (
        <span role="alert" class="refused">
          {refusal}
        </span>
      )}
    </form>
  );
}

export function Transport() {
  const isZoomed = view.value.zoom.beginNs !== 0 || view.value.zoom.endNs !== null;
  return (
    <div class="transport row" role="toolbar" aria-label="Transport">
      <span class="group">
        <Step action="BEGIN" name="To the beginning">
          ⇤
        </Step>
        <Step action="BACK_COLUMN" name="One column back">
          «
        </Step>
        <Step action="BACK_EVENT" name="One event back">
          ‹
        </Step>
        <Play />
        <Step action="ON_EVENT" name="One event on">
          ›
        </Step>
        <Step action="ON_COLUMN" name="One column on">
          »
        </Step>
        <Step action="END" name="To the end">
          ⇥
        </Step>
      </span>
      <Speed />
      <Now />
      <Goto />
      <span class="group">
        <Step action="PEAK" name="Peak: its moment, with the stacks that own it">
          peak
        </Step>
        <Step action="WORST" name="Worst: the moment of most waste, with the stacks that pin it">
          worst
        </Step>
        <Step action="SET_A" name="Set or clear mark A here">
          A
        </Step>
        <Step action="SET_B" name="Set or clear mark B here">
          B
        </Step>
        <Step action="ZOOM" name="Nearer, or from A to B">
          +
        </Step>
        <Step action="UNZOOM" name="Farther">
          −
        </Step>
        {isZoomed && (
          <Step action="ZOOM_ALL" name="All: the whole run">
            all
          </Step>
        )}
      </span>
      <span role="status" class="quiet said">
        {said.value}
      </span>
      <Legend />
    </div>
  );
}
