import { type AuditRule, auditRules, auditRulesVersion, judgedSince } from '../src/audit/audit-rules.ts';
import { rulesOfTypes } from '../src/audit/judges.ts';
import { everyEntryRules } from '../src/audit/rules/every-entry.ts';

const introduction = `# What the audit judges

Made from \`src/audit/\` by \`npm run audit-document\`; \`npm test\` fails when it is stale.

\`countersign log verify\` ends with three verdicts over a log: **intact**, **complete**, **conformant**. The third replays
every decision by the policy that was in force at its moment. It is code of its own over the entries and the policies
that came with them: it shares the entries' types with the broker and no rule, so that a mistake in a rule does not
acquit itself.

Each entry is one decision, and each decision has a verdict of its own:

| verdict | means |
| --- | --- |
| conformant | it follows from the entries alone |
| attested | it is right, as far as the broker told the truth about what nobody can check again: codes, groups, ticket content, the cloud's answers |
| not checkable | something it rests on is missing, such as a policy's text; never a pass |
| at fault | it breaks the rule that is named, for the reason that is given |

The report counts them by kind of decision (\`--json\`: \`conformant.decisions\`), lists the first faults, and names the
version of the rules, ${auditRulesVersion} now. Two reports compare only under the same version; \`since\` says with which
one a rule came.

    countersign audit explain 41 DIR          an entry of an export, by its number
    countersign audit explain s-… DIR         a session; also a grant (g-…) or a request (r-…)
    countersign audit explain g-… --data DIR  in a broker's own data, also while it runs

tells in a sentence why a session was legitimate: who asked, for what, on which ticket, who signed it by what right and
narrowed to what, with which factors, until when, how it ended, and whose word it rests on; then each decision it rests
on, with its verdict. It exits with 7 when one of them is at fault, or the log is not intact. People are named by id: the
names are not in the log. From a server, take the log first: \`countersign log export --out DIR\`.

What the audit cannot see: what never became an entry, false words of the broker about the facts above, and a log that
was cut off or rewritten whole, which the verdict **complete** is about.

## Rules

`;

const bareType = (type: string): string => type.replace(/^countersign\./, '').replace(/\.v\d+$/, '');

function judgedOn(rule: AuditRule): string {
  if (everyEntryRules.some(([name]) => name === rule)) return 'every entry';
  const types = rulesOfTypes.filter(([, rules]) => rules.includes(rule)).map(([type]) => bareType(type));
  return types.length === 0 ? 'the log as a whole' : types.join(', ');
}

/** The page on the audit: what it says, and every rule with what it demands, since when, and on which entries. */
export function auditDocument(): string {
  const rows = Object.entries(auditRules).map(([name, demands]) => {
    const rule = name as AuditRule; // a key of the table
    return `| \`${name}\` | ${demands} | ${judgedSince(rule)} | ${judgedOn(rule)} |`;
  });
  return `${introduction}| rule | demands | since | judged on |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
