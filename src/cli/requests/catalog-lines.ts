import type { CatalogItem } from '../answers.ts';
import { printable } from '../output.ts';
import { sayStage } from '../say-people.ts';
import { sayDuration } from '../say-time.ts';
import { scopeLines } from './scope-lines.ts';

/** What may be asked for; what one is not eligible for stands there too, with the reason. */
export function catalogLines(items: readonly CatalogItem[]): readonly string[] {
  if (items.length === 0) return ['The policy in force names no entitlement.'];
  return items.flatMap((item, at) => [...(at === 0 ? [] : ['']), ...itemLines(item)]);
}

function itemLines(item: CatalogItem): readonly string[] {
  const terms = [
    `up to ${sayDuration(item.at_most_seconds)}`,
    ticketTerm(item),
    reviewTerm(item),
    ...scheduleTerm(item),
    ...emergencyTerm(item),
  ];
  return [
    `${item.eligible ? '✓' : '✗'} ${printable(item.entitlement)}   ${printable(item.role)} on ${printable(item.targets.join(', '))} (${item.provider})`,
    ...(item.because === null ? [] : [`  not for you: ${printable(item.because)}`]),
    `  ${terms.join(' · ')}`,
    ...parameterLines(item),
    ...scopeLines(item.scope).map((line) => `    ${line}`),
  ];
}

function ticketTerm({ ticket }: CatalogItem): string {
  if (ticket === null) return 'no ticket';
  const part = ticket.requester === 'anyone' ? '' : ` with you as ${ticket.requester}`;
  return `${ticket.state} ticket of ${printable(ticket.project)}${part}`;
}

const reviewTerm = ({ review }: CatalogItem): string =>
  review === null ? 'no review' : `signed by ${review.map(stageTerm).join(', then ')}`;

function stageTerm(stage: NonNullable<CatalogItem['review']>[number]): string {
  const { escalate } = stage;
  if (escalate === undefined) return sayStage(stage);
  return `${sayStage(stage)} (after ${sayDuration(escalate.after_seconds)} also ${printable(escalate.to)})`;
}

const scheduleTerm = ({ schedule_at_most_seconds: most }: CatalogItem): readonly string[] =>
  most === null ? [] : [`--start up to ${sayDuration(most)} ahead`];

/** What has to be said with `--param`, and what it means. */
const parameterLines = ({ parameters }: CatalogItem): readonly string[] =>
  Object.entries(parameters).map(
    ([name, { pattern, says }]) =>
      `  --param ${printable(name)}=…   ${says === null ? '' : `${printable(says)}, `}like ${printable(pattern)}`,
  );

const emergencyTerm = ({ break_glass }: CatalogItem): readonly string[] =>
  break_glass === null ? [] : [`--break-glass up to ${sayDuration(break_glass.at_most_seconds)}`];
