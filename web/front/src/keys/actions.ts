// SPDX-License-Identifier: MIT
// What keys, buttons and the palette do, by the names of viewer/keys.def. The frame's actions are there always, a page's
// while it is shown; a page's go first.
import { useEffect, useRef } from 'preact/hooks';

export type Actions = Readonly<Record<string, () => void>>;

const ofFrame = new Map<string, () => void>();
const ofPages: { current: Actions }[] = [];

/** For the frame, once. */
export function addActions(actions: Actions): void {
  for (const [name, act] of Object.entries(actions)) ofFrame.set(name, act);
}

/** The actions of a page while it is mounted: { SORT_NEXT: () => ..., INVERT: () => ... }. May differ at each drawing. */
export function usePageActions(actions: Actions): void {
  const held = useRef(actions);
  held.current = actions;
  useEffect(() => {
    ofPages.push(held);
    return () => void ofPages.splice(ofPages.indexOf(held), 1);
  }, []);
}

/** Undefined: nothing takes it now. */
export function actionOf(name: string): (() => void) | undefined {
  return ofPages.findLast((page) => Object.hasOwn(page.current, name))?.current[name] ?? ofFrame.get(name);
}

/** False: nothing takes it now. */
export function act(name: string): boolean {
  const found = actionOf(name);
  found?.();
  return found !== undefined;
}
