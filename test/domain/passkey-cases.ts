import type { Act, Passkey } from '../../src/domain/events.ts';
import type { FactorStates, Shown, ShownSignature } from '../../src/domain/person/show-factor.ts';
import type { PersonState } from '../../src/domain/person/state.ts';
import type { PasskeyDemands } from '../../src/domain/policy/policy.ts';
import { digest, factorStates, person } from './cases.ts';
import type { Case } from './each-rule-stands.ts';
import { NOON_MS } from './story.ts';

export const passkey = (counter = 0): Passkey => ({
  credential: 'Y3JlZGVudGlhbA',
  public_key: 'a2V5',
  algorithm: -7,
  aaguid: '08987058-cadc-4b81-b6e1-30de50dcbe96',
  rp_id: 'broker.example',
  origin: 'https://broker.example',
  backup_eligible: false,
  backed_up: false,
  counter,
  attestation_format: 'none',
  attestation_digest: digest('6'),
  attestation_root: null,
});

/** Somebody whose factor is a passkey that had counted so far. */
export const withPasskey = (name: string, counter = 0): PersonState =>
  person(`f-${name}`, { kind: 'passkey', passkey: passkey(counter) });

/** A signature over the statement of digest 5, or over an act. */
export function signedBy(
  name: string,
  act: Pick<Act, 'purpose' | 'about' | 'digest'> | null,
  counter = 0,
): ShownSignature {
  const pinned = { nonce: 'act-nonce', expires_at_ms: NOON_MS + 1000 } as const;
  const log = { origin: 'log.example', size: 1, root: 'r' };
  const isUnknown = act?.purpose === 'sign-in';
  const by = isUnknown ? { person: null, factor: null } : { person: `p-${name}`, factor: `f-${name}` };
  const whole = act && { ...act, ...by, ...pinned, log };
  return {
    kind: 'signed',
    factor: `f-${name}`,
    assertion: {
      credential: 'Y3JlZGVudGlhbA',
      client_data: 'e30',
      authenticator_data: 'ZGF0YQ',
      signature: 'c2ln',
    },
    challenge: digest('5'),
    counter,
    act: whole && { act: whole, digest: digest('5'), origin: 'log.example', logFits: true },
  };
}

interface Sound {
  readonly shown: Shown;
  readonly factorStates: FactorStates;
}

/**
 * What holds of every decision that a factor carries: a code is not enough where a passkey is wanted, and a passkey
 * counts on.
 */
export const passkeyCases = <Input extends object>(
  sound: Input,
  by: {
    readonly name: string;
    readonly act: Pick<Act, 'purpose' | 'about' | 'digest'> | null;
    /** The input under a policy that wants a passkey; left out: this decision asks the policy nothing. */
    readonly wanting?: Input;
  },
): readonly Case<Input>[] => {
  const shown: Sound = {
    shown: signedBy(by.name, by.act, 7),
    factorStates: { ...factorStates(by.name), person: withPasskey(by.name, 7) },
  };
  const counted: Sound = {
    shown: signedBy(by.name, by.act, 7),
    factorStates: {
      ...factorStates(by.name),
      person: withPasskey(by.name),
      passkeyUse: { counter: 8, nonces: [], signedInAtMs: [] },
    },
  };
  return [
    ...(by.wanting === undefined
      ? []
      : [['a code where the policy wants a passkey', 'factor-is-strong-enough', by.wanting] as const]),
    [
      'a passkey that counts what it had counted when enrolled',
      'passkey-counter-rises',
      { ...sound, ...shown },
    ],
    ['a passkey that counts less than it had', 'passkey-counter-rises', { ...sound, ...counted }],
  ];
};

/** The last rules on a new passkey. */
export const authenticatorCases = <Input extends object>(sound: Input): readonly Case<Input>[] => {
  const made = { confirmation: { kind: 'passkey', passkey: passkey(), keyDigest: digest('7') } };
  const under = (demands: PasskeyDemands): Input => ({ ...sound, ...made, demands });
  return [
    [
      'a make that the policy does not list',
      'authenticator-is-allowed',
      under({ attestation: 'none', authenticators: ['00000000-0000-0000-0000-000000000000'] }),
    ],
    [
      'no make at all, of an empty list',
      'authenticator-is-allowed',
      under({ attestation: 'none', authenticators: [] }),
    ],
    ['one that nobody attests', 'authenticator-is-allowed', under({ attestation: 'required' })],
    [
      'one whose maker’s word leads nowhere, where makers are known',
      'authenticator-is-allowed',
      {
        ...under({ attestation: 'required' }),
        confirmation: { ...made.confirmation, passkey: { ...passkey(), attestation_format: 'packed' } },
        makersAreKnown: true,
      },
    ],
  ];
};
