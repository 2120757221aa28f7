/**
 * Where a passkey is made or signs. The statement comes from the server, fresh at the tap; it is compared with what the page
 * showed, and only then handed to the authenticator, whose challenge it is. Plain DOM code, no library: the page where a
 * signature is made has the least code to trust.
 */

interface Signing {
  readonly statement: Readonly<Record<string, unknown>>;
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

/** The same text as the server made for the page: `src/http/routes/pages-review.tsx`. */
async function standingOf(statement: Signing['statement']): Promise<string> {
  const {
    request_leaf,
    stage,
    policy_digest,
    rule_digest,
    people,
    targets,
    scope,
    start_ms,
    ticket_digest,
    purpose,
  } = statement;
  const permissions = (scope ?? []) as readonly Readonly<Record<string, unknown>>[];
  const parts =
    purpose === 'review'
      ? [
          request_leaf,
          stage,
          policy_digest,
          rule_digest,
          people,
          targets,
          permissions.map(({ action, resource, access }) => [action, resource, access]),
          start_ms,
          ticket_digest,
        ]
      : [request_leaf];
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(parts)));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `sha256:${hex}`;
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
  const { statement, passkey } = await call<Signing>(form, `/v1/requests/${request}/${statements}`, wanted);
  if ((await standingOf(statement)) !== new FormData(form).get('standing')) {
    throw new Refused(stateOf(form)?.dataset['changedText'] ?? '');
  }
  if (passkey === null) throw new Refused(stateOf(form)?.dataset['noneText'] ?? '');
  const signed = await sign(passkey);
  await call(form, `/v1/requests/${request}/${reviews}`, {
    statement,
    passkey: signed,
    ...(reason === '' ? {} : { reason }),
  });
  location.assign(`/requests/${request}`);
}

/** The form as it stands is what is signed; it is sent with the signature in it, like any other form. */
async function askSigned(form: HTMLFormElement, path: string): Promise<void> {
  const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  fields.set('step', 'statement');
  const response = await fetch(path, { method: 'POST', body: fields });
  const { statement, passkey, detail } = (await response.json()) as Signing & { readonly detail?: string };
  if (!response.ok) throw new Refused(detail ?? '');
  if (passkey === null) throw new Refused(stateOf(form)?.dataset['noneText'] ?? '');
  const signed = { ...(await sign(passkey)), statement };
  for (const [name, value] of [
    ['step', 'send'],
    ['passkey', JSON.stringify(signed)],
  ] as const) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name, value });
    form.append(field);
  }
  form.submit();
}

/** A policy is signed like a review: over its own statement, made at the tap. */
async function publish(form: HTMLFormElement, proposal: string): Promise<void> {
  const path = `/v1/policy/proposals/${proposal}`;
  const { statement, passkey } = await call<Signing>(form, `${path}/statements`);
  if (passkey === null) throw new Refused(stateOf(form)?.dataset['noneText'] ?? '');
  await call(form, `${path}/signatures`, { statement, passkey: await sign(passkey) });
  location.assign('/policy');
}

/** By the page's word for it: what is signed, and where the API takes it. */
const DEEDS: Readonly<Record<string, { readonly purpose: string; readonly path: string }>> = {
  vouch: { purpose: 'vouch', path: 'vouchers' },
  'vouch-recovery': { purpose: 'vouch-recovery', path: 'recovery-vouchers' },
  leaving: { purpose: 'leave', path: 'leaving' },
  return: { purpose: 'return', path: 'return' },
};

/** What is signed for a colleague. A code that comes back is shown here, this once. */
async function doFor(
  form: HTMLFormElement,
  person: string,
  deed: string,
  say: (said: string) => void,
): Promise<void> {
  const { purpose = '', path = '' } = DEEDS[deed] ?? {};
  const { statement, passkey } = await call<Signing>(form, '/v1/statements', { purpose, about: person });
  if (passkey === null) throw new Refused(stateOf(form)?.dataset['noneText'] ?? '');
  const signed = { ...(await sign(passkey)), statement };
  const answer = await call<{ readonly enrolment_code?: string }>(form, `/v1/people/${person}/${path}`, {
    passkey: signed,
    ...filledIn(form, ['reason', 'factor']),
  });
  if (answer.enrolment_code === undefined) location.reload();
  else say(`${stateOf(form)?.dataset['voucherText'] ?? ''}: ${answer.enrolment_code}`);
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
  const registration = await create(begun.options);
  const codes = filledIn(form, ['totp']);
  const authority = filledIn(form, ['enrolment_code', 'recovery_code']);
  const hasOther = Object.keys(codes).length + Object.keys(authority).length > 0;
  const shown = hasOther ? codes : { passkey: await signForNew(form, begun.factor, registration) };
  const { recovery_codes } = await call<{ readonly recovery_codes: readonly string[] }>(
    form,
    `/v1/passkeys/${begun.factor}/confirmation`,
    { registration, ...shown },
  );
  showOnce(form, recovery_codes);
}

/** A passkey that is there already signs for the new one. */
async function signForNew(form: HTMLFormElement, factor: string, registration: object): Promise<object> {
  const { statement, passkey } = await call<Signing>(form, `/v1/passkeys/${factor}/statements`, {
    registration,
  });
  if (passkey === null) throw new Refused(stateOf(form)?.dataset['noneText'] ?? '');
  return { ...(await sign(passkey)), statement };
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
  const { challenge, rp_id } = await call<{ readonly challenge: string; readonly rp_id: string }>(
    form,
    '/v1/sign-in/passkey/challenge',
  );
  const signed = await sign({ challenge, rpId: rp_id, allowCredentials: [], timeout: 240_000 });
  await call(form, '/v1/sign-in/passkey', signed);
  location.assign('/ask');
}

const stateOf = (form: HTMLFormElement): HTMLElement | null =>
  (form.closest('section') ?? form).querySelector<HTMLElement>('[data-passkey-state]') ??
  document.querySelector<HTMLElement>('[data-passkey-state]');

/** One at a time; what went wrong is said beside the buttons, and they work again. */
async function whileTold(
  form: HTMLFormElement,
  button: HTMLButtonElement,
  act: (say: (said: string) => void) => Promise<void>,
): Promise<void> {
  const state = stateOf(form);
  const say = (said: string) => {
    if (state === null) return;
    state.hidden = false;
    state.textContent = said;
  };
  button.disabled = true;
  say(state?.dataset['workingText'] ?? '');
  try {
    await act(say);
    if (state?.textContent === state?.dataset['workingText'] && state !== null) state.hidden = true;
  } catch (error) {
    // The authenticator says no in many ways, and all of them mean that nothing was signed.
    say(error instanceof Refused ? error.message : (state?.dataset['cancelledText'] ?? ''));
  }
  button.disabled = false;
}

for (const note of document.querySelectorAll<HTMLElement>('[data-needs-script]')) note.hidden = true;

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey-sign-in]')) {
  const { form } = button;
  button.hidden = false;
  if (form === null) continue;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void whileTold(form, button, () => signIn(form));
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey-ask]')) {
  const { form } = button;
  button.disabled = false;
  form?.addEventListener('submit', (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    void whileTold(form, button, () => askSigned(form, button.dataset['passkeyAsk'] ?? ''));
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey-deed]')) {
  const { form } = button;
  const { about = '', passkeyDeed = '' } = button.dataset;
  button.disabled = false;
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void whileTold(form, button, (say) => doFor(form, about, passkeyDeed, say));
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey-publish]')) {
  const { form } = button;
  button.disabled = false;
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void whileTold(form, button, () => publish(form, button.dataset['passkeyPublish'] ?? ''));
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey-sign]')) {
  const { form } = button;
  button.disabled = false;
  form?.addEventListener('submit', (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    void whileTold(form, button, () => decide(form, button));
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-passkey-enrol]')) {
  const { form } = button;
  button.hidden = false;
  for (const part of document.querySelectorAll<HTMLElement>('[data-passkey-only]')) part.hidden = false;
  button.addEventListener('click', () => {
    if (form === null || !form.reportValidity()) return;
    void whileTold(form, button, () => enrol(form));
  });
}
