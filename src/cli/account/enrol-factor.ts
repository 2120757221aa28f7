import { Failure } from '../../domain/errors.ts';
import type { Api } from '../api.ts';
import { askCode, askHidden, pipedLine } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { pictureLines } from '../picture.ts';
import { sayEntries } from '../say-people.ts';

export interface EnrolOptions {
  readonly label: string;
  readonly enrolmentCode?: boolean;
  readonly recovery?: boolean;
  readonly codesStdin?: boolean;
}

type Means = 'enrolment' | 'recovery' | 'factor';

/** Adds an authenticator. It counts once it has shown a code; recovery codes are told once, and replace all older ones. */
export async function enrolFactor(context: CliContext, options: EnrolOptions): Promise<void> {
  const api = await context.api();
  const means = await meansOf(api, options);
  const paper = await askPaperCode(context, means, options);
  const begun = await (
    await api.client.v1.factors.$post({ json: { label: options.label, ...paper } })
  ).json();
  showSecret(context, begun);
  const totp =
    means === 'factor' ? { totp: await code(context, options, 'code of the one you have already: ') } : {};
  const { factor, recovery_codes, entries } = await confirm(context, api, begun.factor, totp, options);
  context.output.result({ factor, recovery_codes, entries }, [
    `enrolled ${printable(options.label)} (${factor})  ${sayEntries(entries)}`,
    'Recovery codes, shown only now; each adds one authenticator when this one is lost, and does nothing else:',
    ...recovery_codes.map((line) => `  ${printable(line)}`),
  ]);
  if (means === 'recovery') {
    context.output.progress(
      `→ It proves nothing yet. Have a colleague who knows you run: countersign factor vouch-recovery ${printable(api.person)}`,
    );
  }
}

/** Who has none yet can only come with a code that somebody vouched for. */
async function meansOf({ client }: Api, { enrolmentCode, recovery }: EnrolOptions): Promise<Means> {
  if (enrolmentCode === true && recovery === true) {
    throw new Ending(
      exitCode.usage,
      'An enrolment code or a recovery code, not both.',
      'countersign factor enrol --help',
    );
  }
  if (enrolmentCode === true) return 'enrolment';
  if (recovery === true) return 'recovery';
  const { factors } = await (await client.v1.me.$get()).json();
  return factors.length === 0 ? 'enrolment' : 'factor';
}

async function askPaperCode(context: CliContext, means: Means, { codesStdin }: EnrolOptions) {
  if (means === 'factor') return {};
  const typed = codesStdin === true ? await pipedLine(context) : await askHidden(context, `${means} code: `);
  const paper = typed.trim();
  if (paper === '') {
    throw new Ending(
      exitCode.usage,
      `There was no ${means} code.`,
      'A colleague makes one: countersign factor vouch YOU',
    );
  }
  return means === 'enrolment' ? { enrolment_code: paper } : { recovery_code: paper };
}

const code = (context: CliContext, { codesStdin }: EnrolOptions, question: string): Promise<string> =>
  askCode(context, { totpStdin: codesStdin, question });

/** On stderr, where questions are: standard output may be kept somewhere, and this must not be. */
function showSecret(
  { surroundings, output }: CliContext,
  begun: { readonly otpauth_uri: string; readonly secret: string },
): void {
  const picture = pictureLines(begun.otpauth_uri, output);
  surroundings.stderr.write(
    `${picture.join('\n')}\nScan this with your authenticator, or type into it:  ${printable(begun.secret)}\n`,
  );
}

const MOST_TRIES = 3;

/** A mistyped code need not mean scanning anew; how often anybody may try is the broker's rule. */
async function confirm(
  context: CliContext,
  { client }: Api,
  id: string,
  totp: { readonly totp?: string },
  options: EnrolOptions,
) {
  for (let tries = 1; ; tries++) {
    const shown = await code(context, options, 'code the new one shows: ');
    try {
      const json = { code: shown, ...totp };
      return await (await client.v1.factors[':id'].confirmation.$post({ param: { id }, json })).json();
    } catch (error) {
      const again =
        error instanceof Failure &&
        error.code === 'factor-wrong' &&
        context.mayAsk &&
        totp.totp === undefined;
      if (!again || tries === MOST_TRIES) throw error;
      context.output.progress(`✗ ${printable(error.message)} Try the next one.`);
    }
  }
}
