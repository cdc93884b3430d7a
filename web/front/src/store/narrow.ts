// SPDX-License-Identifier: MIT
// Whether the window is as narrow as a telephone's: the frame is drawn lower then.
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 700px)');

export const isNarrow = signal(query.matches);
query.addEventListener('change', () => (isNarrow.value = query.matches));
