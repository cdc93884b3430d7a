// SPDX-License-Identifier: MIT
// A button that copies a text, and says that it did.
import { useEffect, useState } from 'preact/hooks';

const SAID_MS = 1500;

export function Copy({ text, children }: { text: string; children: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('copied'),
      () => setSaid('not allowed here: select it and copy'),
    );
  return (
    <>
      <button type="button" onClick={copy}>
        {children}
      </button>
      <span role="status" class="quiet">
        {said}
      </span>
    </>
  );
}
