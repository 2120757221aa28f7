import type { Story } from './build-log.ts';
import { cachedMarks, extended, HOUR_MS, parameters, sharded, shardRunning } from './flow-stories.ts';
import { enrolPasskey, signInAlone } from './passkey-story.ts';
import { looser, newcomer, running } from './tamperings.ts';

/** One honest story in which every type of entry stands, begun by itself. */
export function everyKind(s: Story): void {
  s.begin();
  s.configure();
  asking(s);
  ending(s);
  people(s);
  longIncident(s);
  s.publish(looser());
}

function asking(s: Story): void {
  const { maya, lea, sid, tomas } = s.people;
  s.expireGrant(running(s));
  const rosa = newcomer(s, 'rosa', ['responders']);
  const shared = s.submit(maya, 'shard', { parameters, people: [maya, rosa], targets: ['orders-eu'] });
  s.review(lea, shared);
  for (const grant of shared.grants) s.opened(shared, s.open(shared, { grant, fresh: true }));
  const escalated = s.submit(maya, 'shard', { parameters, startMs: s.writer.clock.nowMs + 2 * HOUR_MS });
  s.wait(900_000);
  s.review(sid, escalated, { right: 'escalation' });
  s.review(newcomer(s, 'dora', ['deputies']), s.submit(maya, 'shard', { parameters }), {
    right: 'delegation',
  });
  const repaired = s.submit(maya, 'repair');
  s.review(lea, repaired);
  s.review(sid, repaired, { seconds: 900 });
  s.review(tomas, s.submit(maya, 'operator'), { verdict: 'deny' });
  const failover = s.submit(maya, 'failover', { seconds: 600 });
  s.review(lea, failover);
  s.opened(failover, s.open(failover));
  const emergency = s.submit(maya, 'operator', { breakGlass: true });
  s.opened(emergency, s.open(emergency));
  s.reviewBreakGlass(sid, emergency);
  s.actor(maya);
  maya.claimsAgeMs = 2 * HOUR_MS;
  s.submit(maya, 'shard', { parameters, breakGlass: true, marks: cachedMarks });
  maya.claimsAgeMs = 1000;
  refusals(s);
  s.notify(1);
  s.notify(1, { delivered: false, attempts: 3, failure: 'connection refused' });
}

function ending(s: Story): void {
  const { maya, lea } = s.people;
  const forgotten = s.submit(maya, 'operator');
  s.wait(900_000);
  s.nudge(maya, forgotten);
  s.withdraw(maya, forgotten);
  s.expireRequest(s.submit(maya, 'operator'));
  const failing = s.submit(maya, 'look');
  s.failed(failing, s.open(failing), true);
  s.wait(60_000);
  s.opened(failing, s.open(failing));
  s.endGrant(maya, failing);
  s.confirmRevoked(failing);
  const unused = sharded(s);
  s.endGrant(maya, unused);
  s.confirmRevoked(unused, 'never-opened');
  const { first, grant, next } = extended(s);
  s.revoke(lea, first, 'reviewer');
  s.cutOff(next, { cause: 'extended-grant-revoked', about: grant.id });
  s.confirmRevoked(first);
  s.cutOff(shardRunning(s), { cause: 'ticket-closed', about: null });
  const administered = s.submit(maya, 'look');
  s.revoke(s.people.bob, administered, 'administrator');
  const owned = s.submit(maya, 'look');
  s.revoke(s.people.tomas, owned, 'zone-owner');
  s.erase(s.writer.size() - 1, ['ticket']);
}

function people(s: Story): void {
  const { maya, ann, bob, tomas } = s.people;
  s.writeTicket(tomas);
  s.giveWrongCode(maya, 1);
  const old = tomas.factor;
  s.enrol(tomas, { means: 'factor' });
  s.removeFactor(tomas, old);
  s.enrol(tomas, { means: 'recovery-code' });
  s.vouchRecovery(ann, tomas);
  const pending = s.submit(maya, 'operator');
  s.recordLeaving(ann, maya);
  s.cancel(pending, maya);
  s.recordLeaving(bob, maya, false);
  s.confirmReset(bob, maya, s.askReset(ann, maya), ann);
  s.signIn(maya);
  s.enrol(maya, { means: 'enrolment-code', code: s.vouch(ann, maya), voucher: ann.id });
  s.submit(maya, 'operator');
  signInAlone(s, maya, enrolPasskey(s, maya));
  maya.claimsAgeMs = 2 * HOUR_MS;
  s.submit(maya, 'shard', { parameters, breakGlass: true, marks: cachedMarks });
  maya.claimsAgeMs = 1000;
  s.signIn(maya);
  s.enrol(maya, { means: 'recovery-code' });
  s.signOut(maya);
}

/** The first is reviewed too late; the incident goes on. */
function longIncident(s: Story): void {
  s.submit(s.people.tomas, 'shard', { parameters, breakGlass: true });
  s.wait(100_000_000);
  s.submit(s.people.tomas, 'shard', { parameters, breakGlass: true });
}

function refusals(s: Story): void {
  const { sid, maya } = s.people;
  const refused = (
    who: typeof maya,
    rule: string,
    entitlement: string,
    more?: Parameters<Story['askOf']>[2],
  ) => s.refuse(who, { rule, about: entitlement, asked: s.askOf(who, entitlement, more) });
  refused(sid, 'requester-is-eligible', 'look');
  refused(maya, 'duration-is-within-limit', 'look', { seconds: 28_801 });
  refused(maya, 'start-is-within-limit', 'look', { start_ms: 1 });
  refused(maya, 'scope-is-within-entitlement', 'look', { scope: null });
  refused(maya, 'break-glass-is-allowed', 'repair', { break_glass: true });
  refused(maya, 'people-are-named-once', 'look', { people: [maya.id, maya.id] });
}
