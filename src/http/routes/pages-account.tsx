import type { Context } from 'hono';
import { Hono } from 'hono';
import { encode } from 'uqr';
import {
  AccountPage,
  type AccountShown,
  answersFor,
  ConfirmAgainPage,
  ConfirmFactorPage,
  RecoveryCodesPage,
} from '../../../web/pages/account.tsx';
import { nothingFilled } from '../../../web/parts/forms.tsx';
import { text } from '../../../web/text.ts';
import { notFound } from '../../app/grant/find-grant.ts';
import { bySignIn, endSignIn } from '../../app/person/end-sign-in.ts';
import { beginEnrolment, confirmEnrolment } from '../../app/person/enrol-factor.ts';
import type { FactorGiven } from '../../app/person/factor.ts';
import { removeFactor } from '../../app/person/remove-factor.ts';
import { meView } from '../../app/views/me.ts';
import { signInsView } from '../../app/views/sign-ins.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import { humanOf } from '../caller.ts';
import { factorId, line, totp } from '../fields.ts';
import { answerPage, frameOf, type PageKit, readParameter, type SentForm, sentForm } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';
import { factorIn } from '../sent-factor.ts';

/** One's own factors and sign-ins. An authenticator is enrolled without a script; a passkey needs one. */
export const accountPages = (kit: PageKit) =>
  new Hono<HttpEnv>()
    .get('/account', async (c) => answerPage(c, <AccountPage {...(await accountShown(kit, c))} />))
    .post('/account/factors', (c) => begin(kit, c))
    .post('/account/factors/:id/confirmation', (c) => confirm(kit, c))
    .post('/account/factors/:id/removal', async (c) => {
      const id = readParameter(factorId, c.req.param('id'), 'factor');
      const form = await sentForm(c);
      return told(kit, c, async () => {
        await removeFactor(kit.broker, humanOf(c).actor, id, codeNeededIn(form));
        return text.account.removed;
      });
    })
    .post('/account/sign-ins/:id/end', async (c) => {
      const { actor, signedIn } = humanOf(c);
      const theirs = await signInsView(kit.broker, actor.person, actor.signIn);
      const found = theirs.find(({ sign_in }) => sign_in === c.req.param('id'));
      // Somebody else's is not found, like one that never was.
      if (found === undefined) throw notFound('sign-in');
      const by = bySignIn(kit.broker, actor.person, signedIn.signIn);
      const name = { person: actor.person, signIn: found.sign_in };
      await endSignIn(kit.broker, name, { cause: 'person', by });
      return answerPage(c, <AccountPage {...(await accountShown(kit, c, { done: text.account.ended }))} />);
    });

async function accountShown(
  kit: PageKit,
  c: Context<HttpEnv>,
  more: Partial<AccountShown> = {},
): Promise<AccountShown> {
  const { actor, signedIn } = humanOf(c);
  const [frame, me, signIns] = await Promise.all([
    frameOf(kit, c),
    meView(kit.broker, actor, signedIn.expiresAtMs),
    signInsView(kit.broker, actor.person, actor.signIn),
  ]);
  return { frame, me, signIns, filled: nothingFilled, failed: null, done: null, ...more };
}

const SAID_ON_THE_PAGE: ReadonlySet<string> = new Set([
  'malformed-input',
  'refused-by-rule',
  'step-up-needed',
  'factor-wrong',
  'factor-throttled',
  'conflict',
]);

/** Does it, and says on the page what came of it. */
async function told(kit: PageKit, c: Context<HttpEnv>, act: () => Promise<string>): Promise<Response> {
  try {
    const done = await act();
    return answerPage(c, <AccountPage {...(await accountShown(kit, c, { done }))} />);
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <AccountPage {...(await accountShown(kit, c, { failed }))} />, 422);
  }
}

/** Said here in fewer words than the broker has for it. */
function codeNeededIn(form: SentForm): FactorGiven {
  const given = factorIn(form);
  if (given.passkey === undefined && given.totp === undefined) {
    throw new Failure('factor-wrong', text.account.needCode);
  }
  return given;
}

function beginMistakes(form: SentForm): Readonly<Record<string, string>> {
  const isBoth = form.text('enrolment_code') !== '' && form.text('recovery_code') !== '';
  return {
    ...(line(60).safeParse(form.text('label')).success ? {} : { label: text.account.needLabel }),
    ...(isBoth ? { recovery_code: text.account.bothCodes } : {}),
  };
}

async function begin(kit: PageKit, c: Context<HttpEnv>): Promise<Response> {
  const { actor } = humanOf(c);
  const form = await sentForm(c);
  const filled = { values: form.values, mistakes: beginMistakes(form) };
  if (Object.keys(filled.mistakes).length > 0) {
    return answerPage(c, <AccountPage {...(await accountShown(kit, c, { filled }))} />, 422);
  }
  const paper = (name: string) => (form.text(name).trim() === '' ? undefined : form.text(name).trim());
  const given = {
    label: form.text('label'),
    enrolmentCode: paper('enrolment_code'),
    recoveryCode: paper('recovery_code'),
  };
  try {
    const { factor, otpauth_uri, secret } = await beginEnrolment(kit.broker, actor, given);
    const { frame, me } = await accountShown(kit, c);
    const hasPaper = given.enrolmentCode !== undefined || given.recoveryCode !== undefined;
    const by = hasPaper ? null : answersFor(me.factors);
    const shown = { frame, factor, qr: encode(otpauth_uri).data, secret, by };
    return answerPage(c, <ConfirmFactorPage {...shown} />);
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <AccountPage {...(await accountShown(kit, c, { filled, failed }))} />, 422);
  }
}

async function confirm(kit: PageKit, c: Context<HttpEnv>): Promise<Response> {
  const { actor } = humanOf(c);
  const factor = readParameter(factorId, c.req.param('id') ?? '', 'factor');
  const form = await sentForm(c);
  try {
    const code = totp.safeParse(form.text('code')).data;
    if (code === undefined) throw new Failure('factor-wrong', text.account.needCode);
    const given = { code, ...factorIn(form) };
    const { recovery_codes } = await confirmEnrolment(kit.broker, actor, factor, given);
    return answerPage(c, <RecoveryCodesPage frame={await frameOf(kit, c)} codes={recovery_codes} />);
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
    const shown = {
      frame: await frameOf(kit, c),
      factor,
      by: (['totp', 'passkey'] as const).find((kind) => kind === form.text('by')) ?? null,
      filled: nothingFilled,
      failed: sentence(error.message),
    };
    return answerPage(c, <ConfirmAgainPage {...shown} />, 422);
  }
}
