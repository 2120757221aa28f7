import type { AuditRule } from '../../src/audit/audit-rules.ts';
import type { Policy } from '../../src/domain/policy/policy.ts';
import {
  BACKED_UP,
  BACKUP_ELIGIBLE,
  PRESENT,
  softwareAuthenticator,
  VERIFIED,
} from '../passkey/software-authenticator.ts';
import { auditedPolicy } from './audited-policy.ts';
import type { Story } from './build-log.ts';
import { enrolPasskey, type ForgedSignIn, type Forgery, reviewSigned, signInAlone } from './passkey-story.ts';
import { change, without } from './tamper.ts';
import type { Tampering } from './tamperings.ts';

const wanting: Policy = {
  ...auditedPolicy,
  factors: { request: 'passkey', review: 'passkey', open: 'passkey' },
};

/** What somebody does with a code under a policy that wants a passkey. */
const withACode = (what: string, type: string, tell: (s: Story) => void): Tampering => [
  `a code ${what}, where the policy wants a passkey`,
  'factor-is-strong-enough',
  type,
  (s) => {
    s.publish(wanting);
    tell(s);
  },
];

const weak: readonly Tampering[] = [
  withACode('to ask', 'request.submitted', (s) => void s.submit(s.people.maya, 'operator')),
  withACode('to review', 'request.reviewed', (s) =>
    s.review(s.people.tomas, s.submit(s.people.maya, 'operator')),
  ),
  withACode('to open', 'session.opening', (s) => {
    const request = s.submit(s.people.maya, 'operator');
    s.review(s.people.tomas, request);
    s.open(request, { fresh: true });
  }),
  withACode('to judge an emergency', 'break-glass.reviewed', (s) =>
    s.reviewBreakGlass(s.people.sid, s.submit(s.people.maya, 'operator', { breakGlass: true })),
  ),
  withACode('to publish', 'policy.signed', (s) => s.publish(auditedPolicy)),
  withACode('to vouch', 'factor.vouched', (s) => void s.vouch(s.people.ann, s.person('new', []))),
  withACode('to vouch for a recovery', 'factor.recovery-vouched', (s) => {
    s.enrol(s.people.maya, { means: 'recovery-code' });
    s.vouchRecovery(s.people.ann, s.people.maya);
  }),
  withACode('to record a leaving', 'person.left', (s) => s.recordLeaving(s.people.ann, s.people.maya)),
  withACode('to record a return', 'person.returned', (s) => {
    s.recordLeaving(s.people.ann, s.people.maya);
    s.recordLeaving(s.people.ann, s.people.maya, false);
  }),
  withACode(
    'to ask for a reset',
    'factor.reset-requested',
    (s) => void s.askReset(s.people.ann, s.people.maya),
  ),
  withACode('to confirm a reset', 'factor.reset', (s) =>
    s.confirmReset(s.people.bob, s.people.maya, s.askReset(s.people.ann, s.people.maya), s.people.ann),
  ),
];

/** A review with something wrong about its signature. */
const forged = (
  what: string,
  forgery: (s: Story) => Forgery,
  rule: AuditRule = 'factor-is-proved',
): Tampering => [
  `a review signed ${what}`,
  rule,
  'request.reviewed',
  (s) => {
    const held = enrolPasskey(s, s.people.tomas);
    reviewSigned(s, s.people.tomas, s.submit(s.people.maya, 'operator'), held, forgery(s));
  },
];

const otherNonce = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

const signatures: readonly Tampering[] = [
  forged('with another key', () => ({ key: softwareAuthenticator().privateKey })),
  forged('by nobody: its bytes were made up', () => ({
    proof: { signature: 'MEUCIQDKZokqnCrRRFJtNBtYvG3mqDYJ' },
  })),
  forged('over another statement', () => ({ over: `sha256:${'1'.repeat(64)}` })),
  forged('at another page', () => ({ origin: 'https://broker.example.evil' })),
  forged('for another relying party', () => ({ rpId: 'staging.example' })),
  forged('without its user being verified', () => ({ flags: PRESENT })),
  forged('by one that may be copied, and was enrolled as one that may not', () => ({
    flags: PRESENT | VERIFIED | BACKUP_ELIGIBLE,
  })),
  forged('by one that is backed up, and cannot be', () => ({ flags: PRESENT | VERIFIED | BACKED_UP })),
  forged('inside somebody else’s page', () => ({ crossOrigin: true })),
  forged('inside a page that is named', () => ({ topOrigin: 'https://evil.example' })),
  forged('in a ceremony of another kind', () => ({ type: 'webauthn.create' })),
  forged('by another credential', () => ({ proof: { credential: 'AAAA' } })),
  forged('with another nonce than the statement’s', () => ({
    proof: { nonce: otherNonce },
    used: { nonce: otherNonce },
  })),
  [
    'the use of a passkey that nothing signed',
    'factor-is-proved',
    'factor.used',
    (s) => {
      const by = s.actor(s.people.tomas);
      const { used } = s.show(s.people.tomas, 'open', null);
      s.commit(by, [{ ...used, body: { ...used.body, step: null, nonce: otherNonce, counter: 0 } }]);
    },
  ],
  [
    'a counter that is not the one that was signed',
    'passkey-counter-rises',
    'factor.used',
    (s) => {
      const held = enrolPasskey(s, s.people.tomas);
      reviewSigned(s, s.people.tomas, s.submit(s.people.maya, 'operator'), held, { used: { counter: 9 } });
    },
  ],
  [
    'a passkey that counts back',
    'passkey-counter-rises',
    'factor.used',
    (s) => {
      const held = enrolPasskey(s, s.people.tomas, { passkey: { counter: 5 } });
      reviewSigned(s, s.people.tomas, s.submit(s.people.maya, 'operator'), held, { counter: 4 });
    },
  ],
];

const enrolments: readonly Tampering[] = [
  [
    'a review signed with a passkey whose key is not even spelled like one',
    'factor-is-proved',
    'request.reviewed',
    (s) => {
      const held = enrolPasskey(s, s.people.tomas, { passkey: { public_key: 'AAAAA' } });
      reviewSigned(s, s.people.tomas, s.submit(s.people.maya, 'operator'), held);
    },
  ],
  [
    'a passkey whose key is none',
    'passkey-is-sound',
    'factor.enrolled',
    (s) => void enrolPasskey(s, s.people.maya, { passkey: { public_key: 'AAAA' } }),
  ],
  [
    'a passkey of another algorithm than its key',
    'passkey-is-sound',
    'factor.enrolled',
    (s) => void enrolPasskey(s, s.people.maya, { passkey: { algorithm: -8 } }),
  ],
  [
    'a passkey of a page that is not its relying party’s',
    'passkey-is-sound',
    'factor.enrolled',
    (s) => void enrolPasskey(s, s.people.maya, { passkey: { rp_id: 'evil.example' } }),
  ],
  [
    'a passkey that was enrolled before',
    'passkey-is-sound',
    'factor.enrolled',
    (s) => {
      const { passkey } = enrolPasskey(s, s.people.maya);
      enrolPasskey(s, s.people.tomas, { passkey });
    },
  ],
  [
    'a make that the policy does not list',
    'authenticator-is-allowed',
    'factor.enrolled',
    (s) => {
      s.publish({
        ...auditedPolicy,
        passkeys: { attestation: 'none', authenticators: ['00000000-0000-0000-0000-000000000000'] },
      });
      enrolPasskey(s, s.people.maya);
    },
  ],
  [
    'a passkey without the attestation that the policy wants',
    'authenticator-is-allowed',
    'factor.enrolled',
    (s) => {
      s.publish({ ...auditedPolicy, passkeys: { attestation: 'required' } });
      enrolPasskey(s, s.people.maya);
    },
  ],
  [
    'a further factor on a code, by somebody with a passkey',
    'passkey-answers-for-passkeys',
    'factor.enrolled',
    (s) => {
      enrolPasskey(s, s.people.maya);
      enrolPasskey(s, s.people.maya);
    },
  ],
  [
    'a passkey removed on a code',
    'passkey-answers-for-passkeys',
    'factor.removed',
    (s) => s.removeFactor(s.people.maya, enrolPasskey(s, s.people.maya).factor),
  ],
  [
    'a passkey enrolled on nothing but a sign-in',
    'factor-is-proved',
    'factor.enrolled',
    (s) => void enrolPasskey(s, s.people.maya, { tamper: without('countersign.factor.used.v1') }),
  ],
  [
    'a passkey that says to rest on a factor, and names none',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) =>
      void enrolPasskey(s, s.people.maya, {
        tamper: change('countersign.factor.enrolled.v1', (body) => ({ ...body, proof: null })),
      }),
  ],
];

/** A sign-in by a passkey alone with something wrong about it. */
const alone = (
  what: string,
  rule: AuditRule,
  forgery: ForgedSignIn,
  who: 'maya' | 'tomas' = 'maya',
): Tampering => [
  `a sign-in by a passkey alone, ${what}`,
  rule,
  'person.authenticated',
  (s) => signInAlone(s, s.people[who], enrolPasskey(s, s.people[who]), forgery),
];

const DAY_MS = 86_400_000;

/** Somebody who came by a passkey alone does what they came for, or something else. */
const within = (
  what: string,
  type: string,
  tell: (s: Story, maya: Story['people']['maya']) => void,
): Tampering => [
  `${what}, where a passkey alone let them in`,
  'emergency-sign-in-breaks-the-glass',
  type,
  (s) => {
    const { maya } = s.people;
    const held = enrolPasskey(s, maya);
    signInAlone(s, maya, held);
    tell(s, maya);
  },
];

const emergencySignIns: readonly Tampering[] = [
  alone('signed with another key', 'factor-is-proved', { key: softwareAuthenticator().privateKey }),
  alone('signed over something else', 'factor-is-proved', { over: `sha256:${'1'.repeat(64)}` }),
  alone('signed at another page', 'factor-is-proved', { origin: 'https://broker.example.evil' }),
  alone('signed to open a grant', 'factor-is-proved', { act: { purpose: 'open' } }),
  alone('signed for another page', 'factor-is-proved', { act: { about: 'https://staging.example' } }),
  alone('signed for another log', 'factor-is-proved', {
    act: { log: { origin: 'log.example/staging', size: 1, root: 'r' } },
  }),
  alone('signed too long before', 'factor-is-proved', { act: { expires_at_ms: 1 } }),
  alone('signed in somebody’s name', 'factor-is-proved', { act: { person: 'p-maya' } }),
  alone('signed as some factor', 'factor-is-proved', { act: { factor: 'f-1' } }),
  alone('without its user being verified', 'factor-is-proved', { flags: PRESENT }),
  alone('which the provider is said to have vouched for', 'factor-is-proved', { body: { way: 'browser' } }),
  alone('whose signature is left out', 'factor-is-proved', { body: { proof: null } }),
  alone('which a code stands for', 'factor-is-proved', {
    body: { proof: { kind: 'totp', factor: 'f-1', step: 1, proved_at_ms: 1 } },
  }),
  alone('whose use is of another purpose', 'factor-is-proved', { used: { purpose: 'open' } }),
  alone('whom no policy names', 'person-is-named-for-outages', {}, 'tomas'),
  alone('a day and a second after the provider’s word', 'person-is-named-for-outages', {
    claimsAgeMs: DAY_MS + 1_000,
  }),
  alone('for two hours', 'emergency-sign-ins-are-bounded', {
    body: { expires_at_ms: Number.MAX_SAFE_INTEGER },
  }),
  [
    'a sign-in by a passkey alone of whom the policy names, where it lets nobody go without the provider',
    'person-is-named-for-outages',
    'person.authenticated',
    (s) => {
      const { shard } = auditedPolicy.entitlements;
      if (shard?.break_glass == null) throw new Error('nobody is named');
      const strict = { ...shard, break_glass: { ...shard.break_glass, without: ['ticket' as const] } };
      s.publish({ ...auditedPolicy, entitlements: { ...auditedPolicy.entitlements, shard: strict } });
      signInAlone(s, s.people.maya, enrolPasskey(s, s.people.maya));
    },
  ],
  [
    'an eleventh sign-in by a passkey alone within an hour',
    'emergency-sign-ins-are-bounded',
    'person.authenticated',
    (s) => {
      const held = enrolPasskey(s, s.people.maya);
      for (let count = 0; count < 11; count++) signInAlone(s, s.people.maya, held);
    },
  ],
  [
    'a sign-in by a passkey that was recovered, and that nobody vouched for',
    'recovered-factor-is-vouched',
    'person.authenticated',
    (s) => {
      const recovered = change('countersign.factor.enrolled.v1', (body) => ({
        ...body,
        means: 'recovery-code',
        proof: null,
      }));
      signInAlone(s, s.people.maya, enrolPasskey(s, s.people.maya, { tamper: recovered }));
    },
  ],
  [
    'a sign-in by a passkey that was signed twice',
    'factor-step-is-spent-once',
    'factor.used',
    (s) => {
      const held = enrolPasskey(s, s.people.maya);
      signInAlone(s, s.people.maya, held, { used: { nonce: otherNonce }, proof: { nonce: otherNonce } });
      signInAlone(s, s.people.maya, held, { used: { nonce: otherNonce }, proof: { nonce: otherNonce } });
    },
  ],
  [
    'a sign-in by a passkey that counts back',
    'passkey-counter-rises',
    'factor.used',
    (s) => {
      const held = enrolPasskey(s, s.people.maya, { passkey: { counter: 5 } });
      signInAlone(s, s.people.maya, held, { counter: 4 });
    },
  ],
  within('an ordinary ask', 'request.submitted', (s, maya) => void s.submit(maya, 'operator')),
  within('a change of a ticket', 'ticket.written', (s, maya) => s.writeTicket(maya)),
  within('a second factor', 'factor.enrolled', (s, maya) => s.enrol(maya, { means: 'factor' })),
  [
    'an act of somebody whose passkey alone let them in an hour ago',
    'actor-is-signed-in',
    'request.submitted',
    (s) => {
      const { maya } = s.people;
      signInAlone(s, maya, enrolPasskey(s, maya));
      maya.signedInUntilMs = Number.MAX_SAFE_INTEGER;
      s.wait(3_700_000);
      s.submit(maya, 'operator');
    },
  ],
];

export const passkeyTamperings: readonly Tampering[] = [
  ...weak,
  ...signatures,
  ...enrolments,
  ...emergencySignIns,
];
