// SPDX-License-Identifier: MIT
// What the colours of the map mean, always in sight. A class or a stack in it can be clicked: it is selected then.
import type { ComponentChildren } from 'preact';
import { cssOf, kind, magnitudes } from '~/draw/palette';
import type { Colour } from '~/state/state';
import { colours } from '~/state/state';
import { passingOf } from '~/store/passing';
import { change, select, view } from '~/store/view';
import { COLOURED_CLASSES, classColour } from './inks';

const MEANINGS: Readonly<Record<Colour, string>> = {
  fill: 'how full a page is',
  class: 'size class of its blocks',
  zone: 'zone or mapping',
  age: 'age of its oldest block',
  stack: 'what is selected and passes',
};

const ramp = `linear-gradient(to right, ${[0, 51, 102, 153, 204, 255].map((at) => cssOf(magnitudes[at] ?? 0)).join(', ')})`;

interface LegendProps {
  classes: readonly number[];
  nameOf: (classNumber: number) => string;
  zones: readonly { name: string; number: number; go: () => void }[];
  isDimmed: boolean;
}

export function ColourChooser() {
  const chosen = view.value.colour;
  return (
    <label class="row">
      <span class="quiet">Colour</span>
      <select value={chosen} onChange={(event) => change({ colour: event.currentTarget.value as Colour }, 'push')}>
        {colours.map((colour) => (
          <option key={colour} value={colour}>
            {MEANINGS[colour]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Entry(props: { colour: string; texture?: string; children: ComponentChildren }) {
  return (
    <span class="entry">
      <i class={`swatch ${props.texture ?? ''}`} style={{ background: props.colour }} />
      {props.children}
    </span>
  );
}

function Ramp({ least, greatest }: { least: string; greatest: string }) {
  return (
    <span class="entry">
      {least} <i class="ramp" style={{ background: ramp }} /> {greatest}
    </span>
  );
}

function Classes({ classes, nameOf }: LegendProps) {
  const chosen = view.value.selection.class;
  return (
    <>
      {classes.map((number) => (
        <button
          key={number}
          type="button"
          class="plain entry"
          aria-pressed={number === chosen}
          title="Select the class: pages of others turn grey"
          onClick={() => select({ class: number === chosen ? null : number })}
        >
          <i class="swatch" style={{ background: cssOf(classColour(classes, number)) }} />
          {nameOf(number)}
        </button>
      ))}
      <Entry colour={cssOf(kind(COLOURED_CLASSES).colour)}>others</Entry>
    </>
  );
}

const ZONES = 12; // that are listed; the rest have their headings

function Zones({ zones }: LegendProps) {
  return (
    <>
      {zones.slice(0, ZONES).map(({ name, number, go }) => (
        <button key={number} type="button" class="plain entry" title="Go there" onClick={go}>
          <i
            class={`swatch ${kind(number).isHatched ? 'is-kind-hatched' : ''}`}
            style={{ backgroundColor: cssOf(kind(number).colour) }}
          />
          {name}
        </button>
      ))}
      {zones.length > ZONES && <span class="quiet">and so on</span>}
    </>
  );
}

function Meaning(props: LegendProps) {
  const { colour, selection, filter } = view.value;
  if (colour === 'class') return <Classes {...props} />;
  if (colour === 'zone') return <Zones {...props} />;
  if (colour === 'age') return <Ramp least="born just now" greatest="at the beginning" />;
  if (colour === 'fill') return <Ramp least="0 %" greatest="100 % full" />;
  if (passingOf(selection, filter, true) === null)
    return <span>Nothing is selected: choose a stack on Stacks or Sites, or a block of a page here, or filter.</span>;
  return <Ramp least="little of the page is of it" greatest="all" />;
}

export function Legend(props: LegendProps) {
  return (
    <div class="row map-legend" role="group" aria-label="Legend">
      <Meaning {...props} />
      <Entry colour="" texture="is-retained">
        retained
      </Entry>
      <Entry colour="" texture="is-absent">
        not resident
      </Entry>
      <Entry colour="var(--metadata)">metadata</Entry>
      {props.isDimmed && <Entry colour="var(--untouched)">others</Entry>}
    </div>
  );
}
