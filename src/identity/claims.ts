import type { JWTPayload } from 'jose';
import { Failure } from '../domain/errors.ts';
import type { IssuerConfig } from './issuer-config.ts';

/** As many groups, and as long names, as an entry of the log holds. */
const MOST_GROUPS = 200;
const MOST_GROUP_CHARACTERS = 200;
const MOST_SUBJECT_CHARACTERS = 500;
const MOST_NAME_CHARACTERS = 200;

/** Claims as they came, verified as to their signer but not as to their form. */
export type Claims = Readonly<Record<string, unknown>> | JWTPayload;

/**
 * The person's name at the issuer: the configured claims, joined by `/` when there are several.
 * @throws Failure `not-signed-in` when one is missing, or holds what could shift one claim into the other
 */
export function subjectOf(config: IssuerConfig, claims: Claims): string {
  if (config.identity_claim.length === 0)
    throw refusal(config, 'has no claim configured that names the person');
  const parts = config.identity_claim.map((claim) => {
    const value = Reflect.get(claims, claim);
    const isJoined = config.identity_claim.length > 1;
    if (
      typeof value !== 'string' ||
      value === '' ||
      /\p{Cc}/u.test(value) ||
      (isJoined && value.includes('/'))
    ) {
      throw refusal(config, `gave no usable claim ${claim}`);
    }
    return value;
  });
  const subject = parts.join('/');
  if (subject.length > MOST_SUBJECT_CHARACTERS) throw refusal(config, 'gave too long a subject');
  return subject;
}

/**
 * The groups told, without repetitions; undefined: the claim is not there.
 * @throws Failure `not-signed-in` for anything but a bounded list of texts: a list cut short would mislead
 */
export function groupsOf(config: IssuerConfig, claims: Claims): readonly string[] | undefined {
  const value: unknown = Reflect.get(claims, config.groups_claim);
  if (value === undefined) return undefined;
  if (!Array.isArray(value))
    throw refusal(config, `gave ${config.groups_claim} as something else than a list`);
  if (value.length > MOST_GROUPS) {
    throw refusal(
      config,
      `gave more than ${MOST_GROUPS} groups: let it send those only that the policy names`,
    );
  }
  const list: readonly unknown[] = value;
  const groups = new Set<string>();
  for (const group of list) {
    if (
      typeof group !== 'string' ||
      group === '' ||
      group.length > MOST_GROUP_CHARACTERS ||
      !group.isWellFormed()
    ) {
      throw refusal(config, 'gave a group that is no usable text');
    }
    groups.add(group);
  }
  return [...groups];
}

/** For people to read, never to decide by; control characters are left out. */
export function displayNameOf(config: IssuerConfig, claims: Claims): string | null {
  const value: unknown = Reflect.get(claims, config.name_claim);
  if (typeof value !== 'string') return null;
  const name = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, MOST_NAME_CHARACTERS);
  return name === '' ? null : name;
}

const refusal = (config: IssuerConfig, what: string): Failure =>
  new Failure('not-signed-in', `the identity provider ${config.name} ${what}`, {
    mend: 'Ask who runs the identity provider to change what it sends.',
  });
