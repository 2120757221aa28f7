import type { Broker } from '../../../src/app/broker.ts';
import { signOut } from '../../../src/app/person/end-sign-in.ts';
import { beginEnrolment, confirmEnrolment } from '../../../src/app/person/enrol-factor.ts';
import { recordLeaving, recordReturn } from '../../../src/app/person/record-leaving.ts';
import { removeFactor } from '../../../src/app/person/remove-factor.ts';
import { confirmReset, requestReset } from '../../../src/app/person/reset-factors.ts';
import { vouchForPerson, vouchForRecovery } from '../../../src/app/person/vouch-for-person.ts';
import type { Actor } from '../../../src/domain/actor.ts';
import type { PersonId, ResetId } from '../../../src/domain/ids.ts';
import type { PersonState } from '../../../src/domain/person/state.ts';
import { fromBase64 } from '../../../src/log/bytes.ts';
import { administrators, staff } from '../company.ts';
import type { Dice } from '../dice.ts';
import { codeAt, stepAt } from '../simulated-parts.ts';
import type { Person, World } from '../world.ts';
import { type Action, call, codeOf, somebody } from './action.ts';

/** From the code on paper, or the factor in hand, to a factor that is confirmed by a code of its own. */
export function enrol(
  world: World,
  dice: Dice,
  who: string,
  given: { readonly enrolmentCode?: string; readonly recoveryCode?: string },
  what: string,
): void {
  const person = world.who(who);
  call(world, dice, who, what, async (broker, actor, renewed) => {
    const begun = await beginEnrolment(broker, actor, { label: 'a phone', ...given });
    const seed = fromBase64(begun.secret);
    const byFactor = given.enrolmentCode === undefined && given.recoveryCode === undefined;
    const totp = byFactor ? codeOf(world, dice, person) : undefined;
    const step = stepAt(world.time.nowMs);
    // Kept before the answer: an answer that is lost leaves a factor that is enrolled all the same.
    person.seeds.set(begun.factor, seed);
    person.typed.add(`${begun.factor} ${step}`);
    const enrolled = await confirmEnrolment(broker, await renewed(), begun.factor, {
      code: codeAt(seed, step),
      totp,
    });
    person.recoveryCodes = enrolled.recovery_codes;
    person.enrolmentCode = null;
    return enrolled;
  });
}

/** Only somebody without a factor needs a voucher; whoever wants to enrol one for another has to find that out. */
export function vouch(world: World, dice: Dice, who: string, forWhom: string): void {
  const other = world.who(forWhom);
  call(world, dice, who, `vouches for ${forWhom}`, async (broker, actor) => {
    const totp = codeOf(world, dice, world.who(who));
    const vouched = await vouchForPerson(broker, actor, other.person, { totp });
    other.enrolmentCode = vouched.enrolment_code;
    return vouched;
  });
}

function changeGroups(world: World, dice: Dice): void {
  const who = dice.pick(['maya', 'omar', 'tomas', 'lea', 'sol', 'kim', 'ravi']);
  const person = world.who(who);
  const groups = person.idpGroups.length > 0 && dice.chance(60) ? person.idpGroups.slice(1) : staff[who];
  person.idpGroups = groups ?? [];
  person.groupHistory.push({ atMs: world.time.nowMs, groups: person.idpGroups });
  world.tell(`the identity provider now has ${who} in ${person.idpGroups.join(', ') || 'no group'}`);
}

const stateOf = (world: World, { person }: Person): Partial<PersonState> =>
  JSON.parse(world.database.states.get(`person/${person}`)?.state ?? '{}') as Partial<PersonState>;

/** Asks for a reset that nobody has confirmed, as the stored state of a person shows them. */
function resetsOf(world: World, person: Person): { readonly about: string; readonly reset: ResetId }[] {
  const { resets } = stateOf(world, person);
  return Object.keys(resets ?? {}).map((reset) => ({ about: person.name, reset: reset as ResetId }));
}

const colleague = (dice: Dice): string => dice.pick(['maya', 'omar', 'ravi', 'lea', 'kim', 'tomas']);

/** What an administrator, or somebody who would be one, does to somebody's standing. */
export function administer(
  world: World,
  dice: Dice,
  about: string,
  what: string,
  work: (
    broker: Broker,
    actor: Actor,
    about: PersonId,
    given: { readonly reason: string; readonly totp: string | undefined },
  ) => Promise<unknown>,
  then: () => void = () => undefined,
): void {
  const who = world.who(dice.chance(90) ? dice.pick(administrators) : somebody(dice));
  call(world, dice, who.name, `${what} ${about}`, async (broker, actor) => {
    const given = { reason: 'as agreed', totp: codeOf(world, dice, who) };
    const done = await work(broker, actor, world.who(about).person, given);
    then();
    return done;
  });
}

export const peopling: readonly Action[] = [
  {
    name: 'record a leaving',
    weight: 2,
    perform: (world, dice) =>
      administer(world, dice, colleague(dice), 'records the leaving of', recordLeaving),
  },
  {
    name: 'record a return',
    weight: 5,
    perform(world, dice) {
      const left = [...world.people.values()].filter((one) => stateOf(world, one).left === true);
      if (left.length === 0) return;
      administer(world, dice, dice.pick(left).name, 'records the return of', recordReturn);
    },
  },
  {
    name: 'ask for a reset',
    weight: 1,
    perform: (world, dice) =>
      administer(world, dice, colleague(dice), 'asks to reset the factors of', requestReset),
  },
  {
    name: 'confirm a reset',
    weight: 2,
    perform(world, dice) {
      const asked = [...world.people.values()].flatMap((one) => resetsOf(world, one));
      if (asked.length === 0) return;
      const { about, reset } = dice.pick(asked);
      administer(
        world,
        dice,
        about,
        'confirms the reset of the factors of',
        (broker, actor, person, { totp }) => confirmReset(broker, actor, person, reset, { totp }),
      );
    },
  },
  { name: 'change groups', weight: 3, perform: changeGroups },
  {
    name: 'vouch',
    weight: 2,
    perform: (world, dice) => vouch(world, dice, somebody(dice), dice.chance(80) ? 'nils' : somebody(dice)),
  },
  {
    name: 'enrol a first factor',
    weight: 3,
    perform(world, dice) {
      const waiting = [...world.people.values()].filter(({ enrolmentCode }) => enrolmentCode !== null);
      if (waiting.length === 0) return;
      const { name, enrolmentCode } = dice.pick(waiting);
      enrol(world, dice, name, { enrolmentCode: enrolmentCode ?? '' }, 'enrols a first factor');
    },
  },
  {
    name: 'enrol another factor',
    weight: 1,
    perform: (world, dice) => enrol(world, dice, somebody(dice), {}, 'enrols another factor'),
  },
  {
    name: 'recover',
    weight: 1,
    perform(world, dice) {
      const who = somebody(dice);
      const [recoveryCode] = world.who(who).recoveryCodes;
      if (recoveryCode === undefined) return;
      enrol(world, dice, who, { recoveryCode }, 'recovers with a code from paper');
    },
  },
  {
    name: 'vouch for a recovery',
    weight: 2,
    perform(world, dice) {
      const recovered = [...world.people.values()].flatMap((one) =>
        Object.values(stateOf(world, one).factors ?? {})
          .filter(({ means }) => means === 'recovery-code')
          .map(({ factor }) => ({ about: one, factor })),
      );
      if (recovered.length === 0) return;
      const { about, factor } = dice.pick(recovered);
      const who = world.who(somebody(dice));
      call(world, dice, who.name, `vouches that ${about.name} recovered`, (broker, actor) =>
        vouchForRecovery(broker, actor, about.person, { factor, totp: codeOf(world, dice, who) }),
      );
    },
  },
  {
    name: 'remove a factor',
    weight: 1,
    perform(world, dice) {
      const person = world.who(somebody(dice));
      const [oldest] = person.seeds.keys();
      if (oldest === undefined || person.seeds.size < 2) return;
      call(world, dice, person.name, `removes ${oldest}`, (broker, actor) =>
        removeFactor(broker, actor, oldest, { totp: codeOf(world, dice, person) }),
      );
    },
  },
  {
    name: 'sign out',
    weight: 1,
    perform(world, dice) {
      const person = world.who(somebody(dice));
      const signedIn = world.tokens.get(person.signIn ?? '');
      if (signedIn === undefined) return;
      call(world, dice, person.name, 'signs out', (broker) => signOut(broker, signedIn));
    },
  },
];
