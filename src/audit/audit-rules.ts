/** Rises with every change of what is judged or how: two reports compare only under the same version. */
export const auditRulesVersion = 2;

/** Rules by the version since which they are judged: a report of an earlier version says nothing about later ones. */
const since1 = {
  // every entry
  'entry-fits-the-catalogue': 'An entry has a known type and exactly the fields of that type.',
  'entry-is-on-its-stream': 'An entry stands on the stream of the thing it is about.',
  'stream-versions-have-no-gap': 'The entries of each stream are numbered 1, 2, 3 and so on.',
  'decision-is-timely': 'A decision was taken at most 35 seconds before it was sealed, and not after.',
  'command-has-one-actor': 'All entries of one command have one actor and one time of decision.',
  'actor-is-the-one-named': 'Whoever an entry says acted is whoever was authenticated.',
  'actor-is-signed-in': 'A human acts within a sign-in of their own that has neither ended nor expired.',
  'id-is-of-its-time': 'The id of a new request, grant or session carries the time at which it was made.',
  'erasure-is-of-personal-text':
    'What is erased is personal text of an earlier entry, on which no decision rests.',
  // the beginning, and policies
  'genesis-comes-first': 'The log begins with its one genesis, and nothing else is one.',
  'genesis-names-two-administrators':
    'The genesis names two distinct administrators, and needs at least two.',
  'attachment-has-its-digest': 'The bytes of an attachment hash to the digest in the log.',
  'attachment-is-a-policy': 'What was published is a whole policy in its canonical form.',
  'plan-has-its-digest': 'The digest of a plan is that of the plan beside it.',
  'proposal-is-current': 'A policy is proposed, signed and published over the one in force.',
  'publisher-is-administrator': 'Who signs a policy is an administrator under the policy before it.',
  'publishers-are-enough':
    'A policy is published by as many distinct administrators as the one before demands.',
  // people
  'enrolment-is-vouched':
    'A factor is enrolled on a code somebody else made, on another factor, or on a recovery code.',
  'voucher-is-another-human': 'Who vouches for a first factor is another human.',
  'factor-belongs-to-the-person':
    'A factor is shown and removed by the person who enrolled it, while it is enrolled.',
  'factor-step-is-spent-once': 'One code of one factor is shown once.',
  'factor-step-is-of-its-time': 'A code is shown within its time.',
  'last-factor-stays': 'Nobody removes their last factor.',
  // asking
  'policy-is-in-force': 'A decision names the policy that is in force.',
  'entitlement-exists': 'What is asked for stands in the policy.',
  'rule-has-its-digest': 'The digest of a rule is that of the policy in force.',
  'request-fits-the-rule': 'The stages of a request are those of the rule.',
  'requester-is-eligible': 'Who asks is in an eligible group at that moment.',
  'duration-is-within-limit': 'No more time is asked for than the policy allows.',
  'scope-is-within-entitlement': 'Nothing is asked for that the entitlement does not declare.',
  'ticket-is-given-when-required': 'Where the policy demands a ticket, it was checked in the same command.',
  'ticket-fits-the-rule': 'The ticket is what the policy demands: source, project, state, part, window.',
  'ticket-has-another-voucher': 'Somebody else stands behind the ticket.',
  'factor-is-proved':
    'A decision that needs a factor rests on one of that person, spent for it in the same command.',
  'waiting-is-within-limit': 'Nothing waits for longer than the policy allows.',
  'break-glass-is-allowed': 'The glass is broken only by a human and where the policy allows it.',
  'break-glass-is-recorded': 'An emergency request and the record of the emergency come together and agree.',
  'break-glass-debt-is-paid':
    'Nobody breaks the glass for another incident while a review of theirs is overdue.',
  // reviewing
  'request-is-known': 'An entry on a request follows the request.',
  'request-is-pending':
    'A request is decided, and its reviewers reminded, while it is pending: in time, not withdrawn, not denied, not approved.',
  'reviewer-is-human': 'Reviews are given by humans.',
  'approver-is-not-requester': 'Nobody reviews what they asked for, or what is asked for them, by any login.',
  'reviewer-is-in-the-stage-group':
    'A reviewer is in the group of the stage, in one it escalates to, or in one that stands in for either.',
  'reviewer-has-not-reviewed-before': 'One human signs one request, or one policy, once.',
  'reviewer-sponsors-not-the-workload':
    'Who answers for a workload does not review its requests, by any login, and nothing opens on the approval of somebody who turned out to.',
  'stages-come-in-order': 'The stage that is reviewed is the first that lacks people.',
  'review-only-narrows': 'A review takes away from what was asked and never adds to it.',
  'rule-is-unchanged-since-asking': 'What is approved is under the rule that it was asked under.',
  'statement-is-what-stands': 'What was signed is what is recorded, and about this very request or policy.',
  'statement-has-its-digest': 'The digest of a statement is that of its canonical form.',
  'statement-nonce-is-fresh': 'A statement is used once.',
  'statement-is-in-time':
    'A statement has not expired, and is not valid for longer than a quarter of an hour.',
  'statement-pins-the-log': 'A statement names this log, a recent size of it and the root it really had.',
  'recovered-factor-rests-a-day': 'A factor enrolled with a recovery code signs nothing for 24 hours.',
  // approving
  'approval-has-its-reviews':
    'A request is approved when every stage has its people, or the policy asks for none.',
  'grant-is-the-intersection': 'A grant is what all signed: the common scope and the least duration.',
  // opening
  'grant-belongs-to-the-caller': 'A session is opened by the person whose grant it is.',
  'grant-is-usable': 'A session is opened under an approved grant, in time, neither ended nor revoked.',
  'entitlement-still-allows-the-grant': 'The rule in force at an opening is the one that was approved.',
  'opening-is-proved':
    'An opening rests on a factor: shown now, or just before at asking, or under the same key in this grant.',
  'parameters-have-their-digest':
    'The digest of what is sent to the cloud is that of the parameters in the log.',
  'parameters-fit-the-grant': 'What is sent to the cloud says what was approved, and no more.',
  'session-ends-with-the-grant': 'No session outlives its grant.',
  // what became of it
  'outcome-follows-its-opening': 'A session has one final outcome, after its opening.',
  'credentials-end-in-time': 'Credentials expire no later than their opening says.',
  'session-is-settled': 'What became of a session is recorded soon.',
  'request-is-over': 'After its end a request receives nothing but what settles it.',
  'request-belongs-to-the-caller':
    'A request is taken back, and a grant ended, by its own person; of a request, whoever asked or gets it reminds its reviewers.',
  'revoker-is-entitled': 'Who revokes is a reviewer, the owner of the zone or an administrator.',
  'revocation-was-requested': 'A revocation is confirmed after it was asked for.',
  'expiry-is-due': 'Nothing is recorded as expired before its time.',
  // emergencies, afterwards
  'break-glass-reviewer-is-somebody-else':
    'An emergency is reviewed by humans other than the one who had it, each once.',
  'break-glass-reviewer-is-in-the-group':
    'Who reviews an emergency is in the group that the policy names for it.',
} as const satisfies Readonly<Record<string, string>>;

const since2 = {
  // every entry
  'person-has-not-left': 'Whoever has left acts no more, and nothing is asked for them.',
  'sign-in-may-only-ask': 'Nothing but asking is done in a sign-in that was let in from another machine.',
  'membership-is-fresh':
    'A decision rests on groups told within a quarter of an hour; in an emergency that says so, for whom the policy names, within a day.',
  'configuration-has-its-digest': 'The digest of a configuration is that of the configuration beside it.',
  'notification-is-of-an-earlier-entry': 'What somebody is told about stands in the log before.',
  'refusal-has-its-reason': 'What was refused for a reason that the policy shows was refused rightly.',
  'wrong-codes-are-bounded':
    'After five wrong codes within a quarter of an hour no code of that person counts.',
  'ticket-names-its-writers': 'A ticket of the register names nobody in the name of somebody else.',
  'ticket-is-approved-by-another':
    'A change is approved by somebody who neither opened it nor carries it out.',
  'plan-tells-what-changes':
    'A plan tells of every entitlement whose rule changes, of who may ask from then on and who no more, and of who may publish.',
  // asking
  'targets-are-of-the-entitlement': 'Every target asked for is one of the entitlement, named once.',
  'people-are-named-once': 'People are named once, by a human, and in an emergency only oneself.',
  'start-is-within-limit': 'A start lies no further ahead than the policy allows.',
  'extension-follows-its-grant':
    'An extension carries on a running grant of one’s own, the same access, from its very end.',
  'parameters-fit-their-patterns':
    'Every declared parameter is filled in, with a value that its pattern lets in.',
  // reviewing
  'escalation-has-waited': 'Who decides by escalation does so after the stage has waited long enough.',
  'delegation-lasts': 'Who decides in somebody’s place does so within the days of the delegation.',
  'recovered-factor-is-vouched':
    'A factor enrolled with a recovery code proves nothing until another human has vouched for it.',
  'nudges-are-bounded':
    'Reviewers are reminded of a request three times at most, an hour apart, and not in the first quarter of an hour of their turn.',
  'nudge-is-heard':
    'Whom a reminder names is whose turn it is, with those who stand in for them, by the ways of the policy in force.',
  // approving
  'every-grant-is-made': 'What completes a request makes a grant for each person on each target, at once.',
  'grant-is-for-whom-it-was-asked':
    'A grant is for a person and a target that were asked for, each pair once.',
  'grant-begins-as-asked': 'A grant begins when it was asked to begin.',
  // opening
  'grant-has-begun': 'No session is opened before its grant begins.',
  'extended-grant-was-not-revoked': 'Nothing is opened that carries on a grant which was taken away.',
  'approver-still-has-the-factor':
    'Nothing is opened on an approval whose factor was removed or reset since.',
  'approver-has-not-left': 'Nothing is opened on the approval of somebody who has left.',
  'approvals-are-of-other-humans':
    'By what the policy knows when something is opened, whoever approved it is another human than who asked, gets it or approved it as well.',
  'witnesses-saw-the-log': 'Witnesses cannot have cosigned what was not yet in the log.',
  // what became of it
  'cut-off-has-its-cause':
    'The broker takes away or cancels only for what is in the log: a closed ticket, a leaving, a revocation.',
  'recovery-waits-its-time': 'Nobody settles the opening of somebody else before its time is over.',
  'time-left-is-right': 'The time that an early end leaves unused is what was left.',
  'revocation-was-seen': 'How the end of an access was seen fits its sessions and its times.',
  // people
  'administrator-records-leaving':
    'That somebody has left, or is back, is recorded by another human, an administrator.',
  'leaving-is-recorded-once': 'Somebody leaves who was there, and comes back who had left.',
  'publishing-stays-possible':
    'Nobody is recorded as having left without whom too few listed administrators are there.',
  'reset-takes-two-humans':
    'Factors are reset by two humans, both administrators, neither of them the person, within a day.',
  'reset-takes-every-factor': 'A reset takes away every factor of the person.',
  // passkeys
  'factor-is-strong-enough': 'Where the policy wants a passkey, no code serves in its place.',
  'passkey-answers-for-passkeys': 'Who has a passkey changes their factors by its signature, not by a code.',
  'passkey-counter-rises': 'An authenticator that counts its signatures never counts back.',
  'passkey-is-sound': 'A passkey has a public key that can be read, a page of its own, and is enrolled once.',
  'person-is-named-for-outages':
    'Whom a passkey alone signs in is named by the policy for an outage of the identity provider, which told of them within a day.',
  'emergency-sign-ins-are-bounded':
    'A sign-in by a passkey alone lasts an hour at most, and no passkey makes more than ten within one.',
  'emergency-sign-in-breaks-the-glass':
    'In a sign-in by a passkey alone nothing is done but what an emergency is made of.',
  'authenticator-is-allowed': 'A passkey is of a make that the policy allows, attested where it says so.',
} as const satisfies Readonly<Record<string, string>>;

/**
 * Every rule of the conformance audit: its name, and what it demands. Where the broker refuses under the same rule,
 * the name is the same; the words and the code are the audit's own.
 */
export const auditRules = { ...since1, ...since2 } as const;

export type AuditRule = keyof typeof auditRules;

/** The version of the rules since which this one is judged. */
export const judgedSince = (rule: AuditRule): number => (rule in since1 ? 1 : 2);
