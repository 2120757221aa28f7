import { sayAgo, sayLength, sayUtc } from '../said.ts';
import { text } from '../text.ts';

interface At {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly nowMs: number;
}

/** A moment: in UTC as the server writes it; where a script runs, the visitor's own clock is put before it. */
export const Moment = ({ at, nowMs }: At) => (
  <time datetime={at} data-moment>
    {sayUtc(at, nowMs)}
  </time>
);

/** `4 minutes ago`, with the moment for whoever asks. */
export const Ago = ({ at, nowMs }: At) => (
  <time datetime={at} data-ago title={sayUtc(at, nowMs)}>
    {sayAgo(at, nowMs)}
  </time>
);

/** How long something still lasts: as of the page's making, and counted down where a script runs. */
export const Until = ({ at, nowMs }: At) => {
  const seconds = Math.ceil((Date.parse(at) - nowMs) / 1000);
  return (
    <time datetime={at} data-until title={sayUtc(at, nowMs)}>
      {seconds <= 0 ? text.facts.over : text.facts.left(sayLength(seconds))}
    </time>
  );
};
