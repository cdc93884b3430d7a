// SPDX-License-Identifier: MIT
// The command line that shows the same in the terminal.

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9._/@%+=:,-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function commandOf(file: string, state: string): string {
  const name = file.startsWith('-') ? `./${file}` : file;
  return `heapreel view ${quoted(name)} --state '${state}'`;
}
