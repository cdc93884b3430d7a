// SPDX-License-Identifier: MIT
// How far the recording is, and for ever: that something is missing from it.
import { useEffect, useState } from 'preact/hooks';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { isLive } from '~/store/live';
import { reels } from '~/store/source';
import { resolved, view } from '~/store/view';
import { formatCount } from '~/text/format';
import { follow } from '~/timeline/travel';
import { openPage } from './begin';
import { lossesText } from './losses_text';

function Progress() {
  const { reel: number, isFollowing } = view.value;
  const reel = reels.value[number];
  const [wasLive, setWasLive] = useState(false);
  useEffect(() => {
    if (isLive.value) setWasLive(true);
  }, [isLive.value]);
  useEffect(() => setWasLive(isLive.peek()), [number]);
  if (isLive.value)
    return (
      <button
        type="button"
        class="badge live"
        aria-pressed={isFollowing}
        title="Follows the newest moment (l)"
        onClick={follow}
      >
        ● recording{isFollowing ? ', following' : ''}
      </button>
    );
  if (reel && !reel.is_complete)
    return (
      <span class="badge" title="The recorder ended before the program did; what it had written is here.">
        cut off
      </span>
    );
  return wasLive ? <span class="chip quiet">ended</span> : null;
}

function Losses() {
  const losses = useRows(view.value.reel, 'Losses', {});
  const rows = losses.value ? rowsOf(losses.value.columns) : [];
  const text = lossesText(rows);
  if (text === '') return null;
  const all = rows.map(({ kind, loss_count }) => `${kind}: ${formatCount(loss_count)}`).join('\n');
  return (
    <button
      type="button"
      class="badge"
      title={`${all}\nThe page of findings tells more.`}
      onClick={() => openPage('findings')}
    >
      ⚠ {text}
    </button>
  );
}

function Damage() {
  const count = resolved.value?.damagedEvents ?? 0;
  if (count === 0) return null;
  return (
    <button
      type="button"
      class="badge"
      title="They lie before the moment, cannot be read, and are left out of all figures. heapreel check tells which."
      onClick={() => openPage('findings')}
    >
      ⚠ {formatCount(count)} damaged events
    </button>
  );
}

export function Badges() {
  return (
    <>
      <Progress />
      <Losses />
      <Damage />
    </>
  );
}
