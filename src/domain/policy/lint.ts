import { accessIsNotUnderstated } from './lint/access-is-not-understated.ts';
import { actionsAreInTheCatalogue } from './lint/actions-are-in-the-catalogue.ts';
import { administratorsCanPublish } from './lint/administrators-can-publish.ts';
import { breakGlassIsShorter } from './lint/break-glass-is-shorter.ts';
import { closingFollowsAnOpenTicket } from './lint/closing-follows-an-open-ticket.ts';
import { delegatesStandIn } from './lint/delegates-stand-in.ts';
import { escalationsLeadSomewhere } from './lint/escalations-lead-somewhere.ts';
import { everythingIsUsed } from './lint/everything-is-used.ts';
import type { LintFinding, LintOptions, LintRule } from './lint/finding.ts';
import { groupsHaveNotLapsed } from './lint/groups-have-not-lapsed.ts';
import { humansAreToldApart } from './lint/humans-are-told-apart.ts';
import { issuersAreKnown } from './lint/issuers-are-known.ts';
import { mailHasAnAddress } from './lint/mail-has-an-address.ts';
import { namedPeopleMeetTheirOutage } from './lint/named-people-meet-their-outage.ts';
import { namesLookDifferent } from './lint/names-look-different.ts';
import { namesMeanOneThing } from './lint/names-mean-one-thing.ts';
import { parameterPatternsAreSafe } from './lint/parameter-patterns-are-safe.ts';
import { parametersAreDeclaredAndUsed } from './lint/parameters-are-declared-and-used.ts';
import { productionScopeIsBounded } from './lint/production-scope-is-bounded.ts';
import { productionWritesAreReviewed } from './lint/production-writes-are-reviewed.ts';
import { productionWritesNeedATicket } from './lint/production-writes-need-a-ticket.ts';
import { publishingNeedsTwo } from './lint/publishing-needs-two.ts';
import { referencesExist } from './lint/references-exist.ts';
import { requestersAreToldByWebhook } from './lint/requesters-are-told-by-webhook.ts';
import { resourcesFitTheirActions } from './lint/resources-fit-their-actions.ts';
import { reviewsNeedAFactor } from './lint/reviews-need-a-factor.ts';
import { schedulesOutlastReviews } from './lint/schedules-outlast-reviews.ts';
import { scopeFitsTheProvider } from './lint/scope-fits-the-provider.ts';
import { sessionsFitTheProvider } from './lint/sessions-fit-the-provider.ts';
import { somebodyCanDecide } from './lint/somebody-can-decide.ts';
import { somebodyHearsOfBreakGlass } from './lint/somebody-hears-of-break-glass.ts';
import { somebodyIsAwake } from './lint/somebody-is-awake.ts';
import { somebodyIsEligible } from './lint/somebody-is-eligible.ts';
import { stagesNeedPeople } from './lint/stages-need-people.ts';
import { targetsAreApart } from './lint/targets-are-apart.ts';
import { targetsBelongTogether } from './lint/targets-belong-together.ts';
import type { Policy } from './policy.ts';

export type { LintFinding, LintOptions } from './lint/finding.ts';

export const lintRules: readonly LintRule[] = [
  referencesExist,
  publishingNeedsTwo,
  administratorsCanPublish,
  reviewsNeedAFactor,
  somebodyCanDecide,
  stagesNeedPeople,
  escalationsLeadSomewhere,
  delegatesStandIn,
  productionWritesAreReviewed,
  productionScopeIsBounded,
  scopeFitsTheProvider,
  parameterPatternsAreSafe,
  parametersAreDeclaredAndUsed,
  actionsAreInTheCatalogue,
  accessIsNotUnderstated,
  resourcesFitTheirActions,
  sessionsFitTheProvider,
  closingFollowsAnOpenTicket,
  breakGlassIsShorter,
  namedPeopleMeetTheirOutage,
  targetsAreApart,
  targetsBelongTogether,
  namesLookDifferent,
  namesMeanOneThing,
  humansAreToldApart,
  issuersAreKnown,
  productionWritesNeedATicket,
  somebodyIsEligible,
  groupsHaveNotLapsed,
  somebodyIsAwake,
  schedulesOutlastReviews,
  mailHasAnAddress,
  requestersAreToldByWebhook,
  somebodyHearsOfBreakGlass,
  everythingIsUsed,
];

/** Everything unwise in a policy, errors first. A policy with an error is not published. */
export function lintPolicy(policy: Policy, options: LintOptions): readonly LintFinding[] {
  const findings = lintRules.flatMap((rule) => rule(policy, options));
  return [
    ...findings.filter(({ severity }) => severity === 'error'),
    ...findings.filter(({ severity }) => severity === 'warning'),
  ];
}
