/**
 * Timed work that one broker does at a time. A lease only saves work: nothing may go wrong when two brokers do it at
 * once, or when one that was paused goes on long after another took over.
 */
export interface Job {
  /** Of its lease: the same in every version of the program. */
  readonly name: string;
  /** From the end of a round to the next one. */
  readonly pauseMs: number;
  /** Called when this broker gets the job: what another did meanwhile is in nothing that is kept from before. */
  begin(): Tenure;
}

/** From getting a job to giving it up, or losing it. */
export interface Tenure {
  /** Rejects when it could not be done, and is then called again. */
  round(goOn: GoOn): Promise<void>;
  /** Gives up what is under way, also beside a round; resolves when nothing is. */
  stop(): Promise<void>;
}

/** Whether to go on with a round, to be asked between its parts. Renews the lease where that is due. */
export type GoOn = () => Promise<boolean>;
