/**
 * Where a passkey is made or signs. The statement comes from the server, fresh at the tap; it is compared with what the page
 * showed, and only then handed to the authenticator, whose challenge it is. Plain DOM code, no library: the page where a
 * signature is made has the least code to trust.
 */

import type { BreakGlassStatement, ReviewStatement, Statement } from '../../src/domain/events.ts';
import { standingText } from '../standing.ts';

interface Signing<Signed = Pick<Statement, 'factor'>> {
  readonly statement: Signed;
  readonly passkey: {
    readonly challenge: string;
    readonly rpId: string;
    readonly allowCredentials: readonly { readonly id: string }[];
    readonly timeout: number;
  } | null;
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));

const textOf = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** What the server said of a call that it refused. */
class Refused extends Error {}

async function call<Answer>(form: HTMLFormElement, path: string, body?: object): Promise<Answer> {
  const token = new FormData(form).get('form_token');
  const response = await fetch(path, {
    method: 'POST',
    headers: {
      ...(token === null ? {} : { 'x-form-token': String(token) }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 204) return {} as Answer;
  const answer = (await response.json()) as Answer & { readonly detail?: string; readonly mend?: string };
  if (response.ok) return answer;
  throw new Refused([answer.detail, answer.mend].filter((part) => part !== undefined).join(' '));
}

async function sign(passkey: NonNullable<Signing['passkey']>): Promise<object> {
  const { challenge, rpId, allowCredentials, timeout } = passkey;
  const made = await navigator.credentials.get({
    publicKey: {
      challenge: bytesOf(challenge),
      rpId,
      allowCredentials: allowCredentials.map(({ id }) => ({ id: bytesOf(id), type: 'public-key' as const })),
      userVerification: 'required',
      timeout,
    },
  });
  const { rawId, response } = made as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature } = response as AuthenticatorAssertionResponse;
  return {
    credential: textOf(rawId),
    client_data: textOf(clientDataJSON),
    authenticator_data: textOf(authenticatorData),
    signature: textOf(signature),
  };
}

const KEPT_FACTOR = 'countersign.passkey';

/** A statement names the one passkey that signs it: the one that this browser used last, else the newest. */
async function forKeptFactor<Made extends Signing<unknown>>(
  make: (factor: string | undefined) => Promise<Made>,
): Promise<Made> {
  const kept = localStorage.getItem(KEPT_FACTOR) ?? undefined;
  const made = await make(kept);
  // It was removed meanwhile, or was somebody else's who used this browser.
  return made.passkey === null && kept !== undefined ? make(undefined) : made;
}

const prepare = <Signed = Pick<Statement, 'factor'>>(form: HTMLFormElement, path: string, wanted?: object) =>
  forKeptFactor((factor) => {
    if (factor === undefined) return call<Signing<Signed>>(form, path, wanted);
    return wanted === undefined
      ? call<Signing<Signed>>(form, `${path}?factor=${factor}`)
      : call<Signing<Signed>>(form, path, { ...wanted, factor });
  });

async function signWith(form: HTMLFormElement, { statement, passkey }: Signing): Promise<object> {
  if (passkey === null) throw new Refused(stateOf(form)?.dataset['noneText'] ?? '');
  const signed = await sign(passkey).catch(async (error: unknown) => {
    await offerOthers(form, statement.factor);
    throw error;
  });
  localStorage.setItem(KEPT_FACTOR, statement.factor);
  return signed;
}

/** Of several passkeys another one may be at hand than the one that was asked for: which, its owner says. */
async function offerOthers(form: HTMLFormElement, used: string): Promise<void> {
  const choice = stateOf(form)?.nextElementSibling;
  const list = choice?.querySelector('select');
  if (!(choice instanceof HTMLElement) || list == null) return;
  const token = String(new FormData(form).get('form_token'));
  const { factors } = (await (await fetch('/v1/me', { headers: { 'x-form-token': token } })).json()) as {
    readonly factors: readonly {
      readonly factor: string;
      readonly kind: string;
      readonly label: string | null;
    }[];
  };
  const passkeys = factors.filter(({ kind }) => kind === 'passkey');
  if (passkeys.length < 2) return;
  const options = passkeys.map(
    ({ factor, label }) => new Option(label ?? factor, factor, false, factor === used),
  );
  list.replaceChildren(...options);
  list.onchange = () => localStorage.setItem(KEPT_FACTOR, list.value);
  choice.hidden = false;
}

/** Sends what was signed: without an answer it may be recorded or not. */
async function record<Answer>(form: HTMLFormElement, path: string, body: object): Promise<Answer> {
  try {
    return await call<Answer>(form, path, body);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(stateOf(form)?.dataset['unsureText'] ?? '');
  }
}

/** What the page showed, made again from the statement that is about to be signed. */
async function standingOf(statement: ReviewStatement | BreakGlassStatement): Promise<string> {
  const text = new TextEncoder().encode(standingText(statement));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return `sha256:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

interface Decided {
  readonly verdict: string;
  readonly reason: string;
  readonly seconds: number;
}

function decidedIn(form: HTMLFormElement, button: HTMLButtonElement): Decided {
  const fields = new FormData(form, button);
  return {
    verdict: String(fields.get('verdict')),
    reason: String(fields.get('reason') ?? '').trim(),
    seconds: Number(fields.get('duration_seconds') ?? 0),
  };
}

async function decide(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const request = location.pathname.split('/')[2] ?? '';
  const { verdict, reason, seconds } = decidedIn(form, button);
  const isJudgement = verdict === 'justified' || verdict === 'not-justified';
  const [statements, reviews] = isJudgement
    ? ['break-glass-statements', 'break-glass-reviews']
    : ['statements', 'reviews'];
  const wanted = { verdict, ...(seconds > 0 && verdict === 'approve' ? { duration_seconds: seconds } : {}) };
  const made = await prepare<ReviewStatement | BreakGlassStatement>(
    form,
    `/v1/requests/${request}/${statements}`,
    wanted,
  );
  if ((await standingOf(made.statement)) !== new FormData(form).get('standing')) {
    // What stands now is fetched and read first; nothing was signed.
    location.replace(`/requests/${request}/review?changed=true`);
    return;
  }
  await record(form, `/v1/requests/${request}/${reviews}`, {
    statement: made.statement,
    passkey: await signWith(form, made),
    ...(reason === '' ? {} : { reason }),
  });
  location.assign(`/requests/${request}`);
}

/** The form is sent with what was signed in it, like any other form. */
function sendSigned(form: HTMLFormElement, fields: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name, value });
    form.append(field);
  }
  form.submit();
}

/** Something about a person, a factor or a policy: its statement is made at the tap. */
async function signForm(form: HTMLFormElement, { dataset }: HTMLButtonElement): Promise<void> {
  const wanted = dataset['wanted'] === undefined ? undefined : (JSON.parse(dataset['wanted']) as object);
  const made = await prepare(form, dataset['passkeyForm'] ?? '', wanted);
  const passkey = JSON.stringify(await signWith(form, made));
  sendSigned(form, { passkey, statement: JSON.stringify(made.statement) });
}

/** The form as it stands is what is signed. */
async function signAsk(form: HTMLFormElement, path: string): Promise<void> {
  const ask = async (factor: string | undefined): Promise<Signing> => {
    const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    fields.set('step', 'statement');
    if (factor !== undefined) fields.set('factor', factor);
    const response = await fetch(path, { method: 'POST', body: fields });
    const answer = (await response.json()) as Signing & { readonly detail?: string };
    if (!response.ok) throw new Refused(answer.detail ?? '');
    return answer;
  };
  const made = await forKeptFactor(ask);
  const passkey = JSON.stringify(await signWith(form, made));
  sendSigned(form, { step: 'send', passkey, statement: JSON.stringify(made.statement) });
}

interface Begun {
  readonly factor: string;
  readonly options: {
    readonly challenge: string;
    readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
    readonly excludeCredentials?: readonly { readonly id: string }[];
  };
}

async function create(options: Begun['options']): Promise<object> {
  const made = await navigator.credentials.create({
    publicKey: {
      ...(options as unknown as PublicKeyCredentialCreationOptions),
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(({ id }) => ({
        id: bytesOf(id),
        type: 'public-key' as const,
      })),
    },
  });
  const { rawId, response } = made as PublicKeyCredential;
  const { clientDataJSON, attestationObject } = response as AuthenticatorAttestationResponse;
  return {
    credential: textOf(rawId),
    client_data: textOf(clientDataJSON),
    attestation_object: textOf(attestationObject),
  };
}

/** Empty fields are left out: the server asks for what it needs. */
const filledIn = (form: HTMLFormElement, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names
      .map((name) => [name, String(new FormData(form).get(name) ?? '').trim()] as const)
      .filter(([, value]) => value !== ''),
  );

async function enrol(form: HTMLFormElement): Promise<void> {
  const begun = await call<Begun>(
    form,
    '/v1/passkeys',
    filledIn(form, ['label', 'enrolment_code', 'recovery_code']),
  );
  const registration = await create(begun.options).catch((error: unknown) => {
    const isThere = error instanceof DOMException && error.name === 'InvalidStateError';
    throw isThere ? new Refused(stateOf(form)?.dataset['thereText']) : error;
  });
  const codes = filledIn(form, ['totp']);
  const authority = filledIn(form, ['enrolment_code', 'recovery_code']);
  const hasOther = Object.keys(codes).length + Object.keys(authority).length > 0;
  const shown = hasOther ? codes : { passkey: await signForNew(form, begun.factor, registration) };
  const { recovery_codes } = await record<{ readonly recovery_codes: readonly string[] }>(
    form,
    `/v1/passkeys/${begun.factor}/confirmation`,
    { registration, ...shown },
  );
  localStorage.setItem(KEPT_FACTOR, begun.factor);
  showOnce(form, recovery_codes);
}

/** A passkey that is there already signs for the new one. */
async function signForNew(form: HTMLFormElement, factor: string, registration: object): Promise<object> {
  const made = await prepare(form, `/v1/passkeys/${factor}/statements`, { registration });
  return { ...(await signWith(form, made)), statement: made.statement };
}

function showOnce(form: HTMLFormElement, codes: readonly string[]): void {
  const place = document.querySelector<HTMLElement>('[data-recovery-codes]');
  const list = place?.querySelector('pre');
  if (place == null || list == null) return;
  list.textContent = codes.join('\n');
  form.hidden = true;
  place.hidden = false;
  place.scrollIntoView();
}

/** While the identity provider does not answer: any passkey of this place, chosen in the browser's own window. */
async function signIn(form: HTMLFormElement): Promise<void> {
  const { challenge, rp_id, sealed } = await call<{
    readonly challenge: string;
    readonly rp_id: string;
    readonly sealed: string;
  }>(form, '/v1/sign-in/passkey/challenge');
  const signed = await sign({ challenge, rpId: rp_id, allowCredentials: [], timeout: 240_000 });
  await call(form, '/v1/sign-in/passkey', { ...signed, sealed });
  location.assign('/ask');
}

/** In the form itself, or the one that its section's forms share. */
const stateOf = (form: HTMLFormElement): HTMLElement | null =>
  [form, form.closest('section'), document]
    .map((around) => around?.querySelector<HTMLElement>('[data-passkey-state]') ?? null)
    .find((state) => state !== null) ?? null;

/** One at a time; what went wrong is said beside the buttons, and they work again. */
async function whileTold(
  form: HTMLFormElement,
  button: HTMLButtonElement,
  act: () => Promise<void>,
): Promise<void> {
  const state = stateOf(form);
  const say = (said = '') => {
    if (state === null) return;
    state.hidden = false;
    state.textContent = said;
  };
  button.disabled = true;
  say(state?.dataset['workingText']);
  try {
    await act();
  } catch (error) {
    // The authenticator says no in many ways, and all of them mean that nothing was signed.
    say(error instanceof Refused ? error.message : state?.dataset['cancelledText']);
    button.disabled = false;
  }
}

/** Buttons that need a script work from here on; theirs is the form that their press would send. */
function onPress(
  mark: string,
  act: (form: HTMLFormElement, button: HTMLButtonElement) => Promise<void>,
): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(`button[${mark}]`)) {
    const { form } = button;
    Object.assign(button, { disabled: false, hidden: false });
    form?.addEventListener('submit', (event) => {
      if (event.submitter !== button) return;
      event.preventDefault();
      void whileTold(form, button, () => act(form, button));
    });
  }
}

for (const note of document.querySelectorAll<HTMLElement>('[data-needs-script]')) note.hidden = true;
for (const part of document.querySelectorAll<HTMLElement>('[data-passkey-only]')) part.hidden = false;
onPress('data-passkey-sign-in', signIn);
onPress('data-passkey-ask', (form, { dataset }) => signAsk(form, dataset['passkeyAsk'] ?? ''));
onPress('data-passkey-form', signForm);
onPress('data-passkey-sign', decide);
onPress('data-passkey-enrol', enrol);
