import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { durationOption, type NamedPermission, noPicture, permissionOption } from '../option-values.ts';
import { reviewBreakGlass } from '../requests/review-break-glass.ts';
import type { PageOptions } from '../requests/review-page.ts';
import { reviewRequest } from '../requests/review-request.ts';

interface ReviewOptions extends PageOptions {
  readonly reason?: string;
  readonly breakGlass?: boolean;
  readonly totpStdin?: boolean;
}

interface ApproveOptions extends ReviewOptions {
  readonly duration?: number;
  readonly only?: readonly NamedPermission[];
}

export function registerReviewCommands(program: Command, context: () => CliContext): void {
  reviewing(
    program.command('approve').description('sign a request off, over the statement that you are shown'),
  )
    .option('-d, --duration <duration>', 'for a shorter time, for example 15m', durationOption)
    .option(
      '--only <action[@resource]>',
      'for part of the scope; may be given several times',
      permissionOption,
    )
    .action((id: string, options: ApproveOptions) => approve(context(), id, options));
  reviewing(program.command('deny').description('turn a request down, with the reason')).action(
    (id: string, options: ReviewOptions) => deny(context(), id, options),
  );
}

const reviewing = (command: Command): Command =>
  command
    .argument('<id>', 'a request r-…')
    .option('-r, --reason <text>', 'why; the requester reads it')
    .option(
      '--break-glass',
      'judge an emergency, afterwards: approve says it was justified, deny that it was not',
    )
    .option('--no-open', 'do not open the page for it in a browser')
    .option(...noPicture)
    .option('--totp-stdin', 'the code is the first line of standard input');

function approve(context: CliContext, id: string, options: ApproveOptions): Promise<void> {
  if (options.breakGlass === true) return reviewBreakGlass(context, id, { ...options, verdict: 'justified' });
  return reviewRequest(context, id, { ...options, verdict: 'approve' });
}

function deny(context: CliContext, id: string, options: ReviewOptions): Promise<void> {
  if (options.breakGlass === true)
    return reviewBreakGlass(context, id, { ...options, verdict: 'not-justified' });
  return reviewRequest(context, id, { ...options, verdict: 'deny' });
}
