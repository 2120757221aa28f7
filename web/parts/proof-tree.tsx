import type { LogEntryView } from '../../src/app/views/log-entry.ts';
import { base64 } from '../../src/log/bytes.ts';
import { logText, shortHash } from '../log-text.ts';

const { entry: words } = logText;

const WIDTH = 360;
const LEVEL = 58;
const BOX = { width: 96, height: 26 };
const MIDDLE = WIDTH / 2;
const ASIDE = 84;

/** The way from the leaf to the root, drawn from the bottom up, and the same as a list for those who read it. */
export const ProofTree = ({ view }: { readonly view: LogEntryView }) => {
  const { leaf, steps, checkpoint, isProved } = view;
  const height = (steps.length + 1) * LEVEL;
  const path = [leaf, ...steps.map(({ parent }) => parent)].map((hash) => shortHash(base64(hash)));
  return (
    <>
      <svg
        class={isProved ? 'proof' : 'proof broken'}
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={words.drawing}
      >
        {steps.map(({ sibling, side }, level) => (
          <Step
            level={level}
            height={height}
            side={side}
            above={xOf(steps[level + 1]?.side)}
            sibling={shortHash(base64(sibling))}
          />
        ))}
        {path.map((hash, level) => (
          <Box x={xOf(steps[level]?.side)} y={yOf(level, height)} name="own" hash={hash} />
        ))}
      </svg>
      <details>
        <summary>{words.drawing}</summary>
        <ol class="steps">
          <li>
            <code>{base64(leaf)}</code>
          </li>
          {steps.map(({ sibling, side, parent }) => (
            <li>
              <code>{words.step(side, base64(sibling), base64(parent))}</code>
            </li>
          ))}
        </ol>
      </details>
      <dl class="hashes">
        <dt>{words.root}</dt>
        <dd>
          <code>{base64(checkpoint.root)}</code>
        </dd>
        <dt>{words.reached}</dt>
        <dd>
          <code>{base64(steps.at(-1)?.parent ?? leaf)}</code>
        </dd>
      </dl>
    </>
  );
};

type Side = LogEntryView['steps'][number]['side'];

// A node stands on the side that its sibling leaves; the root stands in the middle.
const xOf = (side: Side | undefined): number =>
  side === undefined ? MIDDLE : side === 'left' ? MIDDLE + ASIDE : MIDDLE - ASIDE;
const yOf = (level: number, height: number): number => height - level * LEVEL - LEVEL / 2;

const Step = (shown: {
  readonly level: number;
  readonly height: number;
  readonly side: Side;
  /** Where their parent stands. */
  readonly above: number;
  readonly sibling: string;
}) => {
  const { level, height, side, above, sibling } = shown;
  const [y, parent] = [yOf(level, height), yOf(level + 1, height)];
  const [own, beside] = [xOf(side), xOf(side === 'left' ? 'right' : 'left')];
  return (
    <>
      <path class="way" d={`M${own} ${y}L${above} ${parent}`} />
      <path d={`M${beside} ${y}L${above} ${parent}`} />
      <Box x={beside} y={y} name="beside" hash={sibling} />
    </>
  );
};

const Box = ({
  x,
  y,
  name,
  hash,
}: {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly hash: string;
}) => (
  <g class={name}>
    <rect x={x - BOX.width / 2} y={y - BOX.height / 2} width={BOX.width} height={BOX.height} rx={6} />
    <text x={x} y={y + 4} text-anchor="middle">
      {hash}
    </text>
  </g>
);
