import { renderUnicodeCompact } from 'uqr';
import type { CliContext } from './context.ts';
import type { Output } from './output.ts';

/** White paper and black ink, whatever the terminal's own colours are: some cameras read nothing else. */
const PAPER = '\u001b[38;5;231;48;5;16m';
const PLAIN = '\u001b[0m';

/** A QR code in lines. Without colour it is drawn in the terminal's own. */
export const pictureLines = (text: string, { color }: Pick<Output, 'color'>): readonly string[] =>
  bareLines(text).map((line) => (color ? `${PAPER}${line}${PLAIN}` : line));

const bareLines = (text: string): readonly string[] => renderUnicodeCompact(text, { border: 2 }).split('\n');

const USUAL_COLUMNS = 80;

/** The same for somebody who looks at a terminal that is wide enough; for everybody else nothing. */
export function pictureForTerminal(
  { surroundings: { stderr }, output }: Pick<CliContext, 'surroundings' | 'output'>,
  text: string,
): readonly string[] {
  const width = bareLines(text)[0]?.length ?? 0;
  const isSeen = stderr.isTTY === true && !output.json && !output.quiet;
  return isSeen && width <= (stderr.columns ?? USUAL_COLUMNS) ? pictureLines(text, output) : [];
}
