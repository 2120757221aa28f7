import { digestOf } from '../../src/audit/digest-of.ts';
import { draft } from '../../src/domain/draft.ts';
import type { EventBody } from '../../src/domain/events.ts';
import { streams } from '../../src/domain/ids.ts';
import type { Json } from '../../src/log/json.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { auditedPolicy } from './audited-policy.ts';
import type { Request, Story } from './build-log.ts';
import { cachedMarks, extended, HOUR_MS, parameters, sharded, shardRunning } from './flow-stories.ts';
import { change, otherDigest, without } from './tamper.ts';
import { granted, looser, newcomer, running, type Tampering } from './tamperings.ts';

const submitted = 'countersign.request.submitted.v1';
const approved = 'countersign.request.approved.v1';
const checked = 'countersign.ticket.checked.v1';

const shard = (s: Story, how: Parameters<Story['submit']>[2] = {}) =>
  s.submit(s.people.maya, 'shard', { parameters, ...how });

const forTwo = (s: Story): Request =>
  shard(s, { people: [s.people.maya, newcomer(s, 'rosa', ['responders'])] });

const asking: readonly Tampering[] = [
  [
    'a request in which somebody is named twice',
    'people-are-named-once',
    'request.submitted',
    (s) => void shard(s, { body: { people: [s.people.maya.id, s.people.maya.id] } }),
  ],
  [
    'an emergency on behalf of somebody else',
    'people-are-named-once',
    'request.submitted',
    (s) => void shard(s, { breakGlass: true, people: [newcomer(s, 'rosa', ['responders'])] }),
  ],
  [
    'a request for a workload by a human',
    'people-are-named-once',
    'request.submitted',
    (s) => void shard(s, { body: { people: [s.people.pipe.id] } }),
  ],
  [
    'a request on a target twice',
    'targets-are-of-the-entitlement',
    'request.submitted',
    (s) => void shard(s, { body: { targets: ['orders-eu', 'orders-eu'] } }),
  ],
  [
    'a request for somebody who has left',
    'person-has-not-left',
    'request.submitted',
    (s) => {
      const rosa = newcomer(s, 'rosa', ['responders']);
      s.recordLeaving(s.people.ann, rosa);
      shard(s, { people: [s.people.maya, rosa] });
    },
  ],
  [
    'a request by the other login of somebody who has left',
    'person-has-not-left',
    'request.submitted',
    (s) => {
      const home = newcomer(s, 'maya-home', ['engineers']);
      s.recordLeaving(s.people.ann, s.people.maya);
      s.submit(home, 'operator');
    },
  ],
  [
    'a request by a member whose own days in a listed group were over',
    'requester-is-eligible',
    'request.submitted',
    (s) => {
      const noor = newcomer(s, 'noor', ['responders']);
      s.wait(48 * HOUR_MS);
      s.submit(noor, 'shard', { parameters });
    },
  ],
  [
    'a request by somebody the listed group does not list',
    'requester-is-eligible',
    'request.submitted',
    (s) => void s.submit(newcomer(s, 'eve', ['responders']), 'shard', { parameters }),
  ],
  [
    'a request on groups that were told an hour before',
    'membership-is-fresh',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      s.people.maya.claimsAgeMs = HOUR_MS;
      shard(s);
    },
  ],
  [
    'an emergency on old groups by somebody whom the policy does not name',
    'membership-is-fresh',
    'request.submitted',
    (s) => {
      s.actor(s.people.tomas);
      s.people.tomas.claimsAgeMs = HOUR_MS;
      s.submit(s.people.tomas, 'shard', { parameters, breakGlass: true, marks: cachedMarks });
    },
  ],
  [
    'an emergency on groups of the day before yesterday',
    'membership-is-fresh',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      s.people.maya.claimsAgeMs = 25 * HOUR_MS;
      shard(s, { breakGlass: true, marks: cachedMarks });
    },
  ],
  [
    'an emergency on old groups where the policy does not let it',
    'membership-is-fresh',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      s.people.maya.claimsAgeMs = HOUR_MS;
      s.submit(s.people.maya, 'operator', { breakGlass: true, marks: cachedMarks });
    },
  ],
  [
    'an emergency that goes without what the policy does not let it',
    'break-glass-is-allowed',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { breakGlass: true, marks: ['unwitnessed'] }),
  ],
  [
    'an emergency that does not say what was down',
    'break-glass-is-allowed',
    'request.submitted',
    (s) => {
      const hidden = change(submitted, (body) => ({
        ...body,
        break_glass: body.break_glass && { ...body.break_glass, marks: ['ticket-unverified'] },
      }));
      shard(s, { breakGlass: true, marks: ['ticket-unverified', 'unwitnessed'], tamper: hidden });
    },
  ],
  [
    'a start further ahead than the policy lets it lie',
    'start-is-within-limit',
    'request.submitted',
    (s) => void shard(s, { startMs: s.writer.clock.nowMs + 72 * HOUR_MS }),
  ],
  [
    'a start in the past',
    'start-is-within-limit',
    'request.submitted',
    (s) => void shard(s, { startMs: s.writer.clock.nowMs - HOUR_MS }),
  ],
  [
    'an emergency for tomorrow',
    'start-is-within-limit',
    'request.submitted',
    (s) => void shard(s, { breakGlass: true, startMs: s.writer.clock.nowMs + HOUR_MS }),
  ],
  [
    'an extension of a grant that never ran',
    'extension-follows-its-grant',
    'request.submitted',
    (s) => {
      const first = sharded(s);
      const [grant] = first.grants;
      if (grant !== undefined) shard(s, { extending: { request: first, grant } });
    },
  ],
  [
    'an extension of somebody else’s grant',
    'extension-follows-its-grant',
    'request.submitted',
    (s) => {
      const first = shardRunning(s);
      const [grant] = first.grants;
      if (grant === undefined) throw new Error('it was approved');
      s.submit(s.people.tomas, 'shard', { parameters, extending: { request: first, grant } });
    },
  ],
  [
    'an extension to another entitlement',
    'extension-follows-its-grant',
    'request.submitted',
    (s) => {
      const first = shardRunning(s);
      const [grant] = first.grants;
      if (grant !== undefined) s.submit(s.people.maya, 'operator', { extending: { request: first, grant } });
    },
  ],
  [
    'an extension that leaves an hour between',
    'extension-follows-its-grant',
    'request.submitted',
    (s) => {
      const first = shardRunning(s);
      const [grant] = first.grants;
      if (grant === undefined) throw new Error('it was approved');
      const body = { start_ms: (grant.endsAtMs ?? 0) + HOUR_MS };
      shard(s, { extending: { request: first, grant }, body });
    },
  ],
  [
    'a parameter outside its pattern',
    'parameters-fit-their-patterns',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'shard', { parameters: { shard: 'eu-7000' } }),
  ],
  [
    'a parameter that is a wildcard',
    'parameters-fit-their-patterns',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'shard', { parameters: { shard: '*' } }),
  ],
  [
    'a parameter left out',
    'parameters-fit-their-patterns',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'shard'),
  ],
  [
    'a parameter that nobody declared',
    'parameters-fit-their-patterns',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'look', { parameters }),
  ],
  [
    'a scope filled with another value than the parameter’s',
    'scope-is-within-entitlement',
    'request.submitted',
    (s) => void shard(s, { body: { parameters: { shard: 'eu-8' } } }),
  ],
  [
    'a request for two whose ticket was checked for one',
    'ticket-is-given-when-required',
    'request.submitted',
    (s) =>
      void shard(s, {
        people: [s.people.maya, newcomer(s, 'rosa', ['responders'])],
        tamper: (drafts) => drafts.filter((one, at) => one.type !== checked || at === 0),
      }),
  ],
  [
    'a ticket check of another moment',
    'ticket-fits-the-rule',
    'request.submitted',
    (s) => void shard(s, { tamper: change(checked, (body) => ({ ...body, at: 'open' })) }),
  ],
  [
    'a request for next week inside today’s window',
    'ticket-fits-the-rule',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'repair', { startMs: s.writer.clock.nowMs + 30 * HOUR_MS }),
  ],
  [
    'a request without review that made no grant',
    'every-grant-is-made',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'look', { tamper: without(approved) }),
  ],
  [
    'a request with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    'request.submitted',
    (s) => {
      s.enrol(s.people.maya, { means: 'recovery-code' });
      shard(s);
    },
  ],
  [
    'a stage whose escalation was left out',
    'request-fits-the-rule',
    'request.submitted',
    (s) => void shard(s, { body: { stages: [{ people: 1, from: 'leads', escalate: null }] } }),
  ],
];

const reviewing: readonly Tampering[] = [
  [
    'a review by the other login of the one who asked',
    'approver-is-not-requester',
    'request.reviewed',
    (s) => {
      const home = newcomer(s, 'maya-home', ['leads']);
      s.review(home, shard(s));
    },
  ],
  [
    'a review by somebody it is asked for',
    'approver-is-not-requester',
    'request.reviewed',
    (s) => s.review(s.people.tomas, shard(s, { people: [s.people.maya, s.people.tomas] })),
  ],
  [
    'two reviews by two logins of one human',
    'reviewer-has-not-reviewed-before',
    'request.reviewed',
    (s) => {
      const home = newcomer(s, 'sid-home', ['leads']);
      const request = s.submit(s.people.maya, 'repair');
      s.review(home, request);
      s.review(s.people.sid, request);
    },
  ],
  [
    'an escalation that came too early',
    'escalation-has-waited',
    'request.reviewed',
    (s) => {
      const request = shard(s);
      s.wait(600_000);
      s.review(s.people.sid, request, { right: 'escalation' });
    },
  ],
  [
    'an escalation of a stage that has none',
    'escalation-has-waited',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.wait(HOUR_MS);
      s.review(s.people.sid, request, { right: 'escalation' });
    },
  ],
  [
    'a delegate outside the days of the delegation',
    'delegation-lasts',
    'request.reviewed',
    (s) => {
      const dora = newcomer(s, 'dora', ['deputies']);
      s.wait(48 * HOUR_MS);
      s.review(dora, shard(s), { right: 'delegation' });
    },
  ],
  [
    'a delegate of another group',
    'delegation-lasts',
    'request.reviewed',
    (s) =>
      s.review(newcomer(s, 'dora', ['deputies']), s.submit(s.people.pipe, 'deploys'), {
        right: 'delegation',
      }),
  ],
  [
    'a review for other people than were asked for',
    'statement-is-what-stands',
    'request.reviewed',
    (s) => {
      const request = forTwo(s);
      s.review(s.people.lea, request, {
        statement: (value) => (value.purpose === 'review' ? { ...value, people: [s.people.maya.id] } : value),
      });
    },
  ],
  [
    'a review for another start',
    'statement-is-what-stands',
    'request.reviewed',
    (s) =>
      s.review(s.people.lea, shard(s), {
        statement: (value) => (value.purpose === 'review' ? { ...value, start_ms: 1 } : value),
      }),
  ],
  [
    'an approval of what somebody asked for who has left',
    'person-has-not-left',
    'request.reviewed',
    (s) => {
      const request = shard(s);
      s.recordLeaving(s.people.ann, s.people.maya);
      s.review(s.people.lea, request);
    },
  ],
  [
    'an approval of what carries on a grant that was revoked',
    'extended-grant-was-not-revoked',
    'request.reviewed',
    (s) => {
      const first = shardRunning(s);
      const [grant] = first.grants;
      if (grant === undefined) throw new Error('it was approved');
      const next = shard(s, { extending: { request: first, grant } });
      s.revoke(s.people.lea, first, 'reviewer');
      s.review(s.people.lea, next);
    },
  ],
  [
    'a last review that made no grant',
    'every-grant-is-made',
    'request.reviewed',
    (s) => s.review(s.people.lea, shard(s), { complete: false }),
  ],
  [
    'a request for two that became one grant',
    'every-grant-is-made',
    'request.reviewed',
    (s) => {
      let seen = 0;
      s.review(s.people.lea, forTwo(s), {
        tamper: (drafts) => drafts.filter(({ type }) => type !== approved || seen++ === 0),
      });
    },
  ],
  [
    'a grant on the same place twice',
    'grant-is-for-whom-it-was-asked',
    'request.approved',
    (s) =>
      s.review(s.people.lea, forTwo(s), {
        tamper: change(approved, (body) => ({ ...body, person: s.people.maya.id })),
      }),
  ],
  [
    'a grant on a target that nobody asked for',
    'grant-is-for-whom-it-was-asked',
    'request.approved',
    (s) =>
      s.review(s.people.lea, shard(s), {
        tamper: change(approved, (body) => ({ ...body, target: 'orders-prod' })),
      }),
  ],
  [
    'a grant made later than the review that completed it',
    'approval-has-its-reviews',
    'request.approved',
    (s) => {
      const request = shard(s);
      let late: Parameters<Story['commit']>[1] = [];
      s.review(s.people.lea, request, {
        tamper: (drafts) => {
          late = drafts.filter(({ type }) => type === approved);
          return drafts.filter(({ type }) => type !== approved);
        },
      });
      s.commit(s.broker, late);
    },
  ],
  [
    'a grant that begins before it was asked to',
    'grant-begins-as-asked',
    'request.approved',
    (s) =>
      s.review(s.people.lea, shard(s, { startMs: s.writer.clock.nowMs + HOUR_MS }), {
        tamper: change(approved, (body) => ({ ...body, starts_at_ms: null })),
      }),
  ],
];

const sessions: readonly Tampering[] = [
  [
    'a session before the start',
    'grant-has-begun',
    'session.opening',
    (s) => {
      const request = shard(s, { startMs: s.writer.clock.nowMs + HOUR_MS });
      s.review(s.people.lea, request);
      s.open(request);
    },
  ],
  [
    'an extension opened after what it carries on was revoked',
    'extended-grant-was-not-revoked',
    'session.opening',
    (s) => {
      const { first, grant, next } = extended(s);
      s.revoke(s.people.lea, first, 'reviewer');
      s.wait((grant.endsAtMs ?? 0) - s.writer.clock.nowMs);
      s.open(next, { fresh: true });
    },
  ],
  [
    'a session on the approval of somebody who has left',
    'approver-has-not-left',
    'session.opening',
    (s) => {
      const request = sharded(s);
      s.recordLeaving(s.people.ann, s.people.lea);
      s.open(request);
    },
  ],
  [
    'a session on the approval of somebody who had left, and is back',
    'approver-has-not-left',
    'session.opening',
    (s) => {
      const request = sharded(s);
      s.recordLeaving(s.people.ann, s.people.lea);
      s.recordLeaving(s.people.ann, s.people.lea, false);
      s.open(request);
    },
  ],
  [
    'a session on an approval of what turned out to be a login of the one who asked',
    'approvals-are-of-other-humans',
    'session.opening',
    (s) => {
      const request = sharded(s);
      s.publish({ ...auditedPolicy, humans: { maya: [s.people.maya.id, s.people.lea.id] } });
      s.open(request);
    },
  ],
  [
    'a review for a workload by somebody whose other login is in the group that answers for it',
    'reviewer-sponsors-not-the-workload',
    'request.reviewed',
    (s) => {
      const lists = {
        idp: null,
        issuer: null,
        until: null,
        people: [{ person: s.people.lea.id, until: null }],
      };
      s.publish({
        ...auditedPolicy,
        groups: { ...auditedPolicy.groups, leads: lists },
        humans: { sid: [s.people.sid.id, s.people.lea.id] },
      });
      s.review(s.people.sid, s.submit(s.people.pipe, 'deploys'));
    },
  ],
  [
    'a workload’s session on an approval of what turned out to be a login of who answers for it',
    'reviewer-sponsors-not-the-workload',
    'session.opening',
    (s) => {
      const request = s.submit(s.people.pipe, 'deploys');
      s.review(s.people.sid, request);
      s.publish({ ...auditedPolicy, humans: { sid: [s.people.sid.id, s.people.lea.id] } });
      s.open(request);
    },
  ],
  [
    'a session on an approval whose factor was removed since',
    'approver-still-has-the-factor',
    'session.opening',
    (s) => {
      const request = sharded(s);
      const old = s.people.lea.factor;
      s.enrol(s.people.lea, { means: 'factor' });
      s.removeFactor(s.people.lea, old);
      s.open(request);
    },
  ],
  [
    'a session on an approval whose factors were reset since',
    'approver-still-has-the-factor',
    'session.opening',
    (s) => {
      const { ann, bob, lea } = s.people;
      const request = sharded(s);
      s.confirmReset(bob, lea, s.askReset(ann, lea), ann);
      s.open(request);
    },
  ],
  [
    'a session on the grant of another responder',
    'grant-belongs-to-the-caller',
    'session.opening',
    (s) => {
      const request = forTwo(s);
      s.review(s.people.lea, request);
      const [, second] = request.grants;
      if (second !== undefined) s.open(request, { grant: second, as: s.people.maya });
    },
  ],
  [
    'a session on the factor that somebody else showed at asking',
    'opening-is-proved',
    'session.opening',
    (s) => {
      const request = forTwo(s);
      s.review(s.people.lea, request);
      const [, second] = request.grants;
      if (second !== undefined) s.open(request, { grant: second });
    },
  ],
  [
    'a session on another target than the grant’s',
    'parameters-fit-the-grant',
    'session.opening',
    (s) => void s.open(sharded(s), { body: { target: 'orders-prod' } }),
  ],
  [
    'a session on groups that were told an hour before',
    'membership-is-fresh',
    'session.opening',
    (s) => {
      const request = sharded(s);
      s.people.maya.claimsAgeMs = HOUR_MS;
      s.open(request);
    },
  ],
  [
    'a session with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    'session.opening',
    (s) => {
      const request = sharded(s);
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.open(request, { fresh: true });
    },
  ],
  [
    'an opening that nobody may settle for an hour',
    'waiting-is-within-limit',
    'session.opening',
    (s) => void s.open(granted(s), { body: { settle_by_ms: s.writer.clock.nowMs + HOUR_MS } }),
  ],
  [
    'an opening that says witnesses saw what was not there',
    'witnesses-saw-the-log',
    'session.opening',
    (s) => void s.open(granted(s), { body: { cosigned_size: 1_000_000 } }),
  ],
];

const endings: readonly Tampering[] = [
  [
    'a grant cut off although its ticket is open',
    'cut-off-has-its-cause',
    'grant.cut-off',
    (s) => {
      const open = change(checked, (body) => ({ ...body, facts: { ...body.facts, state: 'open' } }));
      s.cutOff(shardRunning(s), { cause: 'ticket-closed', about: null }, { tamper: open });
    },
  ],
  [
    'a grant cut off by a ticket that nobody looked at',
    'cut-off-has-its-cause',
    'grant.cut-off',
    (s) => s.cutOff(shardRunning(s), { cause: 'ticket-closed', about: null }, { tamper: without(checked) }),
  ],
  [
    'a grant cut off with its ticket where the policy does not say so',
    'cut-off-has-its-cause',
    'grant.cut-off',
    (s) => s.cutOff(running(s), { cause: 'ticket-closed', about: null }),
  ],
  [
    'a grant cut off for a leaving that nobody recorded',
    'cut-off-has-its-cause',
    'grant.cut-off',
    (s) => s.cutOff(shardRunning(s), { cause: 'person-left', about: s.people.maya.id }),
  ],
  [
    'a grant cut off for the leaving of somebody else',
    'cut-off-has-its-cause',
    'grant.cut-off',
    (s) => {
      const request = shardRunning(s);
      s.recordLeaving(s.people.ann, s.people.lea);
      s.cutOff(request, { cause: 'person-left', about: s.people.lea.id });
    },
  ],
  [
    'an extension cut off although what it carries on runs',
    'cut-off-has-its-cause',
    'grant.cut-off',
    (s) => {
      const { grant, next } = extended(s);
      s.cutOff(next, { cause: 'extended-grant-revoked', about: grant.id });
    },
  ],
  [
    'a grant cut off that had run out',
    'request-is-over',
    'grant.cut-off',
    (s) => {
      const request = shardRunning(s);
      s.expireGrant(request);
      s.cutOff(request, { cause: 'ticket-closed', about: null });
    },
  ],
  [
    'a request cancelled although nobody has left',
    'cut-off-has-its-cause',
    'request.cancelled',
    (s) => s.cancel(shard(s), s.people.maya),
  ],
  [
    'a request cancelled because of somebody else',
    'cut-off-has-its-cause',
    'request.cancelled',
    (s) => {
      const request = shard(s);
      s.recordLeaving(s.people.ann, s.people.lea);
      s.cancel(request, s.people.lea);
    },
  ],
  [
    'a request cancelled that was approved',
    'request-is-pending',
    'request.cancelled',
    (s) => {
      const request = sharded(s);
      s.recordLeaving(s.people.ann, s.people.maya);
      s.cancel(request, s.people.maya);
    },
  ],
  [
    'a session after a cut-off',
    'grant-is-usable',
    'session.opening',
    (s) => {
      const request = shardRunning(s);
      s.cutOff(request, { cause: 'ticket-closed', about: null });
      s.open(request);
    },
  ],
  [
    'an early end that gives back more than there was',
    'time-left-is-right',
    'grant.ended',
    (s) => {
      const more = change('countersign.grant.ended.v1', (body) => ({ ...body, seconds_left: 86_400 }));
      s.endGrant(s.people.maya, running(s), { tamper: more });
    },
  ],
  [
    'an end seen by expiry while credentials were good',
    'revocation-was-seen',
    'grant.revoke-confirmed',
    (s) => {
      const request = running(s);
      s.endGrant(s.people.maya, request);
      s.confirmRevoked(request, 'expiry');
    },
  ],
  [
    'an end of sessions that are said never to have been',
    'revocation-was-seen',
    'grant.revoke-confirmed',
    (s) => {
      const request = running(s);
      s.endGrant(s.people.maya, request);
      s.confirmRevoked(request, 'never-opened');
    },
  ],
  [
    'a revocation said to have been quicker than it was',
    'revocation-was-seen',
    'grant.revoke-confirmed',
    (s) => {
      const request = running(s);
      s.endGrant(s.people.maya, request);
      s.wait(60_000);
      s.confirmRevoked(request, 'introspection', {
        tamper: change('countersign.grant.revoke-confirmed.v1', (body) => ({
          ...body,
          milliseconds_between: 1,
        })),
      });
    },
  ],
  [
    'a grant said to have run out unused that was used',
    'expiry-is-due',
    'grant.expired',
    (s) =>
      s.expireGrant(running(s), false, {
        tamper: change('countersign.grant.expired.v1', (body) => ({ ...body, unused: true })),
      }),
  ],
];

const others: readonly Tampering[] = [
  [
    'a start under another configuration than was recorded',
    'configuration-has-its-digest',
    'server.configured',
    (s) =>
      s.configure(change('countersign.server.configured.v1', (body) => ({ ...body, digest: otherDigest }))),
  ],
  [
    'a start in the name of another broker',
    'actor-is-the-one-named',
    'server.configured',
    (s) =>
      s.configure(change('countersign.server.configured.v1', (body) => ({ ...body, broker: 'broker-2' }))),
  ],
  [
    'somebody told about what had not happened yet',
    'notification-is-of-an-earlier-entry',
    'notification.sent',
    (s) => s.notify(s.writer.size() + 5),
  ],
  [
    'something delivered that failed',
    'notification-is-of-an-earlier-entry',
    'notification.sent',
    (s) => s.notify(1, { failure: 'connection refused' }),
  ],
  [
    'something delivered that was never sent',
    'notification-is-of-an-earlier-entry',
    'notification.sent',
    (s) => s.notify(1, { attempts: 0 }),
  ],
  [
    'a refusal of somebody who was eligible',
    'refusal-has-its-reason',
    'command.refused',
    (s) => {
      const { maya } = s.people;
      s.refuse(maya, { rule: 'requester-is-eligible', about: 'look', asked: s.askOf(maya, 'look') });
    },
  ],
  [
    'a refusal of a duration within the limit',
    'refusal-has-its-reason',
    'command.refused',
    (s) => {
      const { maya } = s.people;
      s.refuse(maya, { rule: 'duration-is-within-limit', about: 'look', asked: s.askOf(maya, 'look') });
    },
  ],
  [
    'a refusal under a policy that is not in force',
    'refusal-has-its-reason',
    'command.refused',
    (s) => {
      const asked = s.askOf(s.people.maya, 'look', { policy_digest: otherDigest });
      s.refuse(s.people.maya, { rule: 'ticket-fits-the-rule', about: 'look', asked });
    },
  ],
  [
    'a refusal for the want of a ticket that the policy does not want',
    'refusal-has-its-reason',
    'command.refused',
    (s) => {
      const asked = s.askOf(s.people.maya, 'look');
      s.refuse(s.people.maya, { rule: 'ticket-is-given-when-required', about: 'look', asked });
    },
  ],
  [
    'a factor failed in the name of somebody else',
    'actor-is-the-one-named',
    'factor.failed',
    (s) => {
      const by = s.actor(s.people.maya);
      const stands = streams.attempts(s.people.lea.id, Math.floor(s.writer.clock.nowMs / 900_000));
      const body = { person: s.people.lea.id, purpose: 'request', failures: 1 };
      s.commit(by, [draft('countersign.factor.failed.v1', stands, s.people.lea.id, body)]);
    },
  ],
];

const failed = 'countersign.session.failed.v1';

const proposed = 'countersign.policy.proposed.v1';
/** A plan that hides something, with the digest of what it says: only a second reading of the policy shows it. */
const hiding = (edit: (plan: EventBody<typeof proposed>['plan']) => object) =>
  change(proposed, (body) => {
    const plan = edit(body.plan);
    return { ...body, plan, plan_digest: digestOf(nodeHasher, plan as Json) };
  });

const written: readonly Tampering[] = [
  [
    'a plan that hides a change, honestly digested',
    'plan-tells-what-changes',
    'policy.proposed',
    (s) =>
      void s.propose(
        s.people.ann,
        looser(),
        hiding((plan) => ({ ...plan, changes: [] })),
      ),
  ],
  [
    'a plan that hides who gains',
    'plan-tells-what-changes',
    'policy.proposed',
    (s) => {
      const next = looser();
      const { operator } = next.entitlements;
      if (operator === undefined) throw new Error('the policy has it');
      const wider = { ...operator, eligible: [...operator.eligible, 'security'] };
      const hidden = hiding((plan) => ({
        ...plan,
        changes: plan.changes.map((one) => ({ ...one, gains: [] })),
      }));
      s.propose(s.people.ann, { ...next, entitlements: { ...next.entitlements, operator: wider } }, hidden);
    },
  ],
  [
    'a plan that hides who may publish',
    'plan-tells-what-changes',
    'policy.proposed',
    (s) => {
      const next = { ...looser(), administrators: { from: 'engineers', publish_needs: 2 } };
      s.propose(
        s.people.ann,
        next,
        hiding((plan) => ({ ...plan, administrators_changed: false })),
      );
    },
  ],
  [
    'a responder named in the name of somebody else',
    'ticket-names-its-writers',
    'ticket.written',
    (s) => {
      const { maya, tomas } = s.people;
      s.writeTicket(maya, { responders: [{ person: maya.id, named_by: tomas.id }] });
    },
  ],
  [
    'a ticket said to have been opened by somebody else',
    'ticket-names-its-writers',
    'ticket.written',
    (s) => s.writeTicket(s.people.maya, { creator: s.people.tomas.id }),
  ],
  [
    'a ticket whose opener changed',
    'ticket-names-its-writers',
    'ticket.written',
    (s) => {
      s.writeTicket(s.people.maya);
      s.writeTicket(s.people.tomas, { creator: s.people.tomas.id });
    },
  ],
  [
    'a change approved by the other login of the one who opened it',
    'ticket-is-approved-by-another',
    'ticket.written',
    (s) => {
      const { tomas } = s.people;
      const home = newcomer(s, 'tomas-home', ['leads']);
      s.writeTicket(tomas, { responders: [] });
      s.writeTicket(home, { creator: tomas.id, responders: [], state: 'approved', approved_by: home.id });
    },
  ],
  [
    'a change that is approved by nobody',
    'ticket-is-approved-by-another',
    'ticket.written',
    (s) => s.writeTicket(s.people.tomas, { state: 'approved' }),
  ],
  [
    'a sixth wrong code that was looked at',
    'wrong-codes-are-bounded',
    'factor.failed',
    (s) => {
      for (let count = 1; count <= 6; count++) s.giveWrongCode(s.people.maya, count);
    },
  ],
  [
    'a wrong code that counts as the first again',
    'wrong-codes-are-bounded',
    'factor.failed',
    (s) => {
      s.giveWrongCode(s.people.maya, 1);
      s.giveWrongCode(s.people.maya, 1);
    },
  ],
  [
    'a right code after five wrong ones',
    'wrong-codes-are-bounded',
    'factor.used',
    (s) => {
      for (let count = 1; count <= 5; count++) s.giveWrongCode(s.people.maya, count);
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'a sign-in recorded within another',
    'actor-is-the-one-named',
    'person.authenticated',
    (s) =>
      s.signIn(
        s.people.maya,
        change('countersign.person.authenticated.v1', (body) => ({ ...body, sign_in: 'i-another' })),
      ),
  ],
  [
    'somebody signed out of the sign-in of another',
    'actor-is-the-one-named',
    'person.signed-out',
    (s) => {
      const by = s.actor(s.people.maya);
      s.actor(s.people.lea);
      const cause = 'person' as const;
      const body = { sign_in: s.people.lea.signIn ?? '', person: s.people.maya.id, cause };
      const stands = streams.signIn(body.sign_in);
      s.commit(by, [draft('countersign.person.signed-out.v1', stands, s.people.maya.id, body)]);
    },
  ],
  [
    'a session recorded as open by a bystander',
    'actor-is-the-one-named',
    'session.opened',
    (s) => {
      const request = granted(s);
      s.opened(request, s.open(request), {}, undefined, s.actor(s.people.lea));
    },
  ],
  [
    'a session recorded as failed by a bystander',
    'actor-is-the-one-named',
    'session.failed',
    (s) => {
      const request = granted(s);
      s.failed(request, s.open(request), false, { by: s.actor(s.people.lea) });
    },
  ],
  [
    'an opening given up by another broker before its time',
    'recovery-waits-its-time',
    'session.failed',
    (s) => {
      const request = granted(s);
      const given = change(failed, (body) => ({ ...body, settled_by: 'recovery' }));
      s.failed(request, s.open(request), false, { tamper: given });
    },
  ],
];

export const flowTamperings: readonly Tampering[] = [
  ...asking,
  ...reviewing,
  ...sessions,
  ...endings,
  ...others,
  ...written,
];
