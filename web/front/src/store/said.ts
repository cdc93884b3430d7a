// SPDX-License-Identifier: MIT
// One line that the frame says and takes back after a while: what a key did where nothing else shows it.
import { signal } from '@preact/signals';

const SHOWN_MS = 5000;
let taking: ReturnType<typeof setTimeout> | undefined;

export const said = signal('');

export function say(text: string): void {
  said.value = text;
  clearTimeout(taking);
  taking = setTimeout(() => (said.value = ''), SHOWN_MS);
}
