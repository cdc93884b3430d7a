// SPDX-License-Identifier: MIT
// The run over time, always visible.
export function Timeline() {
  return <section aria-label="Timeline" />;
}
