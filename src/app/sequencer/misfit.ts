/**
 * What is stored does not fit what was signed, or fits no rule of the log. Never mended by writing: the sequencer
 * becomes read-only and says this reason. `seq` is the first entry at fault, where there is one.
 */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  readonly seq: number | undefined;

  constructor(reason: string, seq?: number) {
    super(seq === undefined ? reason : `entry #${seq}: ${reason}`);
    this.seq = seq;
  }
}
