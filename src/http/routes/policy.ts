import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { planFacts } from '../../app/policy/plan-facts.ts';
import {
  planOf,
  preparePublication,
  proposePolicy,
  requireNextPublishers,
  signPolicy,
} from '../../app/policy/publish-policy.ts';
import { requirePublisher } from '../../app/policy/require-publisher.ts';
import { signingOptions as signingOptionsOf } from '../../app/request/prepare-act.ts';
import { policyView, requireProposalReader } from '../../app/views/policy-view.ts';
import { Failure } from '../../domain/errors.ts';
import { policyDigest } from '../../domain/policy/resolve.ts';
import { humanOf, idempotencyOf } from '../caller.ts';
import { digest, entries, factorId, list, time } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, shown, signingOptions } from '../schemas/factor.ts';
import { planSchema } from '../schemas/plan.ts';
import { publishStatement } from '../schemas/statement.ts';

const params = z.strictObject({ id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'is no such id') });

const proposal = z.strictObject({
  proposal: z.string(),
  to_digest: digest,
  person: z.string(),
  signers: list(z.string()),
  needed: z.int(),
  plan: planSchema,
  proposed_at: time,
});

const getPolicy = createRoute({
  method: 'get',
  path: '/v1/policy',
  tags: ['Policy'],
  summary: 'The policy in force, and for its administrators what waits for signatures',
  responses: {
    200: json(
      'The text as it was written.',
      z.strictObject({
        digest: digest.nullable(),
        text: z.string().nullable(),
        policy: z.record(z.string(), z.unknown()).nullable().openapi({
          description: 'As the broker reads it, its scope files inlined: what the digest is of.',
        }),
        published_at: time.nullable(),
        proposals: list(proposal),
      }),
    ),
  },
});

const fileBody = z.strictObject({
  text: z.string().min(1).max(262_144),
  scopes: z
    .record(z.string().max(200), z.string().max(262_144))
    .openapi({ example: { 'policies/orders-db.json': '[…]' } }),
});

const postProposal = createRoute({
  method: 'post',
  path: '/v1/policy/proposals',
  tags: ['Policy'],
  summary: 'Put a policy forward',
  description:
    'The file’s text with the scope files it names. It is parsed and checked here, whatever was checked before.',
  request: jsonBody(fileBody),
  responses: {
    201: json(
      'Waiting for signatures.',
      z.strictObject({ proposal: z.string(), to_digest: digest, plan: planSchema, entries }),
    ),
  },
  ...problems('policy-invalid', 'refused-by-rule', 'conflict', 'idempotency-key-reused'),
});

const postPlan = createRoute({
  method: 'post',
  path: '/v1/policy/plans',
  tags: ['Policy'],
  summary: 'What publishing a file would do: who gains and who loses what; nothing is put forward',
  description: 'As a proposal would be planned now, by whoever has signed in and by what is open.',
  request: jsonBody(fileBody),
  responses: {
    200: json(
      'The plan.',
      z.strictObject({ from_digest: digest.nullable(), to_digest: digest, plan: planSchema }),
    ),
  },
  ...problems('policy-invalid', 'refused-by-rule'),
});

const postStatement = createRoute({
  method: 'post',
  path: '/v1/policy/proposals/{id}/statements',
  tags: ['Policy'],
  summary: 'The statement you are about to sign: from which policy, to which, with which consequences',
  request: { params, query: z.strictObject({ factor: factorId.optional() }) },
  responses: {
    200: json(
      'To be signed.',
      z.strictObject({
        statement: publishStatement,
        statement_digest: digest,
        plan: planSchema,
        passkey: signingOptions,
      }),
    ),
  },
  ...problems('not-found', 'factor-missing'),
});

const postSignature = createRoute({
  method: 'post',
  path: '/v1/policy/proposals/{id}/signatures',
  tags: ['Policy'],
  summary: 'Sign a policy; the last signature that is needed puts it in force',
  request: { params, ...jsonBody(z.strictObject({ statement: publishStatement, ...shown })) },
  responses: {
    201: json(
      'Signed.',
      z.strictObject({ in_force: z.boolean(), signatures: z.int(), needed: z.int(), entries }),
    ),
  },
  ...problems(
    'not-found',
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'already-done',
    'conflict',
    'idempotency-key-reused',
  ),
});

export const policyRoutes = (broker: Broker, { parsePolicy }: Pick<HttpParts, 'parsePolicy'>) =>
  routes()
    .openapi(getPolicy, async (c) => {
      const view = await policyView(broker, humanOf(c).actor);
      // A policy is plain JSON; the copy sheds its readonly marks.
      const policy = structuredClone(view.policy) as Record<string, z.core.util.JSONType> | null;
      return c.json({ ...view, policy }, 200);
    })
    .openapi(postProposal, async (c) => {
      const { actor } = humanOf(c);
      await requirePublisher(broker, actor);
      const { text, scopes } = c.req.valid('json');
      const { policy, mistakes, catalogue } = await parsePolicy(text, scopes);
      if (policy === undefined) throw invalid(mistakes);
      requireNextPublishers(policy, await planFacts(broker, catalogue));
      const proposed = await proposePolicy(broker, actor, {
        policy,
        text,
        catalogue,
        idempotency: idempotencyOf(broker, c),
      });
      const { proposal: id, to_digest, plan, entries: made } = proposed;
      return c.json({ proposal: id, to_digest, plan, entries: made }, 201);
    })
    .openapi(postPlan, async (c) => {
      const { actor } = humanOf(c);
      await requirePublisher(broker, actor);
      const { text, scopes } = c.req.valid('json');
      const { policy, mistakes, catalogue } = await parsePolicy(text, scopes);
      if (policy === undefined) throw invalid(mistakes);
      const known = await broker.policies.inForceIfAny();
      const plan = planOf(known, policy, await planFacts(broker, catalogue));
      const to_digest = policyDigest(broker.hasher, policy);
      return c.json({ from_digest: known?.digest ?? null, to_digest, plan }, 200);
    })
    .openapi(postStatement, async (c) => {
      const { actor } = humanOf(c);
      await requireProposalReader(broker, actor);
      const {
        statement,
        digest: statementDigest,
        plan,
      } = await preparePublication(broker, actor, c.req.valid('param').id, c.req.valid('query').factor);
      const passkey = await signingOptionsOf(broker, actor, {
        factor: statement.factor,
        digest: statementDigest,
      });
      return c.json({ statement, statement_digest: statementDigest, plan, passkey }, 200);
    })
    .openapi(postSignature, async (c) => {
      const { actor } = humanOf(c);
      await requireProposalReader(broker, actor);
      const { statement, ...factor } = c.req.valid('json');
      const given = { statement, ...givenFactor(factor), idempotency: idempotencyOf(broker, c) };
      return c.json(await signPolicy(broker, actor, c.req.valid('param').id, given), 201);
    });

const MOST_SHOWN = 100;

const invalid = (mistakes: Failure['mistakes']): Failure =>
  new Failure(
    'policy-invalid',
    `The policy has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}.`,
    {
      mistakes: mistakes.slice(0, MOST_SHOWN).map(({ at, message }) => ({ at, message })),
      mend: 'countersign policy lint countersign.yaml',
    },
  );
