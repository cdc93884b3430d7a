// SPDX-License-Identifier: MIT
// What is said of text that is no state: one line, as the terminal says it.

export class Refusal extends Error {
  override name = 'Refusal';
}
