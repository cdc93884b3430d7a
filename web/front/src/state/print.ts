// SPDX-License-Identifier: MIT
// A state as text. Everything but foreign names is written as it is read; those as in a URL. The twin of
// viewer/state/state_print.c, and behind its fields those that only the browser has.
import { bytesOf } from '../text/foreign';
import { filterPrint } from './filter';
import type { Moment } from './moment';
import { momentPrint } from './moment';
import type { Selection, State } from './state';
import { STATE_VERSION } from './upgrade';

const NS_IN_S = 1_000_000_000;

// Other bytes than letters, digits and -._~: as %20.
function encode(text: string): string {
  const plain = /[A-Za-z0-9\-._~:]/;
  return Array.from(bytesOf(text), (byte) => {
    const character = String.fromCharCode(byte);
    return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function field(name: string, value: string): string {
  return value === '' ? '' : `&${name}=${value}`;
}

function moment(name: string, at: Moment | null): string {
  if (at === null) return '';
  return field(name, 'text' in at ? encode(at.text) : momentPrint(at));
}

function time(ns: number | null): string {
  if (ns === null) return 'end';
  const rest = ns % NS_IN_S;
  return `${(ns - rest) / NS_IN_S}.${rest.toString().padStart(9, '0')}s`;
}

function zoom(state: State): string {
  const { beginNs, endNs } = state.zoom;
  return beginNs === 0 && endNs === null ? '' : `&z=${time(beginNs)}..${time(endNs)}`;
}

function selection(selected: Selection): string {
  const { place } = selected;
  const parts = [
    selected.class === null ? '' : `class:${selected.class}`,
    selected.stack === null ? '' : `stack:${selected.stack}`,
    place === null
      ? ''
      : `at:${place.process === 0 ? '' : `${place.process}/`}0x${place.address.toString(16)}+${place.bytes}`,
  ];
  return field('sel', parts.filter((part) => part !== '').join(','));
}

function ofTheBrowser(state: State): string {
  const sort = state.sort === null ? '' : `${state.sort.isDescending ? '-' : ''}${encode(state.sort.column)}`;
  return [
    field('reel', state.reel === 0 ? '' : `${state.reel}`),
    field('other', state.other === null ? '' : `${state.other}`),
    field('colour', state.colour === 'fill' ? '' : state.colour),
    field('columns', state.columns.map(encode).join(',')),
    field('sort', sort),
    field('q', encode(state.sql)),
  ].join('');
}

// "v=1&t=#1000&a=#10&b=begin&p=stacks&m=pinned&mode=difference&invert=1&allframes=1&shape=icicle&focus=0012abcd
// &process=2&z=1.500000000s..end&follow=1&sel=class:48,stack:12,at:2/0x7f00+4096&f=...&s=...&reel=1&q=..." Fields that
// have their defaults are left out, but for v, t and p.
export function statePrint(state: State): string {
  return [
    `v=${STATE_VERSION}`,
    moment('t', state.t),
    moment('a', state.a),
    moment('b', state.b),
    field('p', state.page),
    field('m', state.measure === 'live' ? '' : state.measure),
    field('mode', state.mode === 'moment' ? '' : state.mode),
    field('invert', state.isInverted ? '1' : ''),
    field('allframes', state.hasAllFrames ? '1' : ''),
    field('shape', state.shape === 'both' ? '' : state.shape),
    field('focus', state.focus === 0 ? '' : state.focus.toString(16).padStart(8, '0')),
    field('process', state.process === 0 ? '' : `${state.process}`),
    zoom(state),
    field('follow', state.isFollowing ? '1' : ''),
    selection(state.selection),
    field('f', encode(filterPrint(state.filter))),
    field('s', encode(state.search)),
    ofTheBrowser(state),
  ].join('');
}

// For the address of the page.
export function hashOf(state: State): string {
  return `#${statePrint(state)}`;
}
