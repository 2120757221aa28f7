import type { Law } from './law.ts';

export const emergenciesAreHeardOf: Law = {
  name: 'emergencies-are-heard-of',
  *breaches(_world, history) {
    const sent = history.of('countersign.notification.sent.v1');
    for (const { seq, request } of history.of('countersign.break-glass.used.v1')) {
      const told = sent.filter(({ about, delivered }) => about === seq && delivered);
      for (const audience of ['zone-owners', 'break-glass-reviewers'] as const)
        if (!told.some((one) => one.audience === audience))
          yield `#${seq} (${request}): ${audience} never heard of it`;
    }
  },
};

export const whatWasToldArrived: Law = {
  name: 'what-was-told-arrived',
  *breaches(world, history) {
    const sent = history.of('countersign.notification.sent.v1').filter(({ delivered }) => delivered);
    for (const { seq, occasion, channel, group } of sent) {
      const arrived = world.letters.some(
        (letter) => letter.occasion === occasion && letter.channel === channel && letter.group === group,
      );
      if (!arrived)
        yield `#${seq}: the log says that ${group ?? 'somebody'} was told by ${channel}, and nothing arrived`;
    }
    if (new Set(world.letters.map(({ id }) => id)).size < sent.length)
      yield `${sent.length} were told, and fewer letters arrived`;
  },
};

/** Whoever waits may press as often as they like; those who are pressed hear of it three times, an hour apart. */
export const nobodyIsWornDown: Law = {
  name: 'nobody-is-worn-down',
  *breaches(_world, history) {
    const last = new Map<string, { times: number; atMs: number }>();
    for (const { seq, request, decided_at_ms: atMs } of history.of('countersign.request.nudged.v1')) {
      const before = last.get(request) ?? { times: 0, atMs: Number.NEGATIVE_INFINITY };
      if (before.times === 3) yield `#${seq}: the reviewers of ${request} were reminded a fourth time`;
      if (atMs - before.atMs < 3_600_000) yield `#${seq}: the reviewers of ${request} had no hour of rest`;
      last.set(request, { times: before.times + 1, atMs });
    }
  },
};
