// SPDX-License-Identifier: MIT
// That a page shows everything in its colours, as it could not be told what is selected and passes the filter: a report
// does not hold that of every filter.
import type { Refusal } from '~/source/source';

export function NotFiltered({ refusal }: { refusal: Refusal | undefined }) {
  if (!refusal) return null;
  return (
    <p class="note">
      What is selected or filtered does not turn others grey: {refusal.what} ({refusal.where}). {refusal.toDo}
    </p>
  );
}
