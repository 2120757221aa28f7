export interface Repeated {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Does it now, and again after the milliseconds that it gives back. It must not reject. */
export function repeatedly(once: () => Promise<number>): Repeated {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  const round = async () => {
    const pauseMs = await once();
    if (!stopped) timer = setTimeout(next, pauseMs);
  };
  const next = () => {
    running = round();
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
