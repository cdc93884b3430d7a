// SPDX-License-Identifier: MIT
// A part of the page that may fail without taking the others with it: a reel that is damaged, or made to do harm, can hold
// what nobody thought of.
import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';

export function Guarded({ what, children }: { what: string; children: ComponentChildren }) {
  const [error, again] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <div class="note refusal" role="alert">
      {what} could not be drawn ({String(error)}). The reel may be damaged: heapreel check tells.{' '}
      <button type="button" onClick={again}>
        Draw again
      </button>
    </div>
  );
}
