// SPDX-License-Identifier: MIT
// The identity as a stacked bar with its legend: every resident byte is exactly one of these.
import { identityParts } from '~/text/identity';
import type { IdentityPart } from '~/text/identity';
import { exactBytes, formatBytes, formatShare } from '~/text/format';
import './identity_bar.css';

type IdentityBytes = Record<IdentityPart['column'] | 'resident_bytes', number>;

/** `scale`: resident bytes of a bar of full width; without it this one is. */
export function IdentityBar({ bytes, scale }: { bytes: IdentityBytes; scale?: number }) {
  const whole = Math.max(scale ?? bytes.resident_bytes, 1);
  return (
    <div class="stack">
      <div class="bar identity-bar" aria-hidden="true">
        {identityParts.map((part) => (
          <span
            key={part.name}
            class={`is-${part.name}`}
            title={`${part.name} ${exactBytes(bytes[part.column])}`}
            style={{ flexBasis: `${(100 * bytes[part.column]) / whole}%` }}
          />
        ))}
      </div>
      <ul class="identity-legend" aria-label="Where every resident byte goes">
        {identityParts.map((part) => (
          <li key={part.name} title={part.meaning}>
            <span class={`swatch is-${part.name}`} aria-hidden="true" /> <span class="quiet">{part.name}</span>{' '}
            <span title={exactBytes(bytes[part.column])}>{formatBytes(bytes[part.column])}</span>{' '}
            <span class="quiet">{formatShare(bytes[part.column], bytes.resident_bytes)}</span>
          </li>
        ))}
        <li>
          <span class="quiet">= resident</span>{' '}
          <span title={exactBytes(bytes.resident_bytes)}>{formatBytes(bytes.resident_bytes)}</span>
        </li>
      </ul>
    </div>
  );
}
