// SPDX-License-Identifier: MIT
// What the plugin in key_table.ts makes of the table of keys.
declare module 'virtual:keys' {
  export const keys: readonly import('./key_row').KeyRow[];
}
