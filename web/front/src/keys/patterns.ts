// SPDX-License-Identifier: MIT
// Names of keys, as the table has them, to patterns of tinykeys.

const named: Readonly<Record<string, string>> = {
  Esc: 'Escape',
  Enter: 'Enter',
  Space: 'Space',
  Tab: 'Tab',
  Backspace: 'Backspace',
  Delete: 'Delete',
  Up: 'ArrowUp',
  Down: 'ArrowDown',
  Left: 'ArrowLeft',
  Right: 'ArrowRight',
  PgUp: 'PageUp',
  PgDn: 'PageDown',
  Home: 'Home',
  End: 'End',
};

function plain(name: string): string {
  const key = named[name] ?? (/^F([1-9]|1[0-2])$/.test(name) ? name : undefined);
  if (key === undefined) throw new RangeError(`${name}: no name of a key`);
  return key;
}

// tinykeys looks at the modifiers too, and which of them a sign takes is a matter of the keyboard: Shift, or AltGr, which
// is Control and Alt on Windows and Alt on a Mac.
function ofCharacter(character: string): string[] {
  if (/[a-z]/.test(character)) return [character];
  if (/[A-Z]/.test(character)) return [`Shift+${character}`];
  const typed = [character, `Shift+${character}`];
  return /\d/.test(character) ? typed : [...typed, `Alt+${character}`, `Control+Alt+${character}`];
}

// One or more, of which each is that key: "G" -> ["Shift+G"], "C-Left" -> ["Control+ArrowLeft"]. A letter with Control is
// with Command on a Mac. Throws a RangeError for what is no name.
export function patterns(name: string): string[] {
  if ([...name].length === 1) return ofCharacter(name);
  const [, modifier, key] = /^([SC])-(.+)$/.exec(name) ?? [];
  if (modifier === undefined || key === undefined) return [plain(name)];
  if (modifier === 'C' && /^[a-z]$/.test(key)) return [`$mod+${key}`];
  return [`${modifier === 'S' ? 'Shift' : 'Control'}+${plain(key)}`];
}
