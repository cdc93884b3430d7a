// SPDX-License-Identifier: MIT
// The contract of a page, and all of them in the order of their tabs.
import type { ComponentType } from 'preact';
import { pages as names } from '~/state/state';
import type { Page as Name } from '~/state/state';

export interface Page {
  name: Name;
  /** Draws what is between the tabs and the drawer. Asks for what it shows, keeps what it selects in the view. */
  Content: ComponentType;
}

const modules = import.meta.glob<{ page: Page }>('./*/page.tsx', { eager: true });
const found = new Map(Object.values(modules).map(({ page }) => [page.name, page]));

export const pages: readonly Page[] = names.map((name) => found.get(name)).filter((page) => page !== undefined);
