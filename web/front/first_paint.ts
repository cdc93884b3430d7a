// SPDX-License-Identifier: MIT
// A Vite plugin: the page is first painted when its script has run, so that the theme somebody chose is there from the
// beginning. The policy of the server allows no script within the page, which would be the other way.
import type { Plugin } from 'vite';

export function firstPaint(): Plugin {
  return {
    name: 'heapreel-first-paint',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  };
}
