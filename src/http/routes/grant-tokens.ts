import { z } from '@hono/zod-openapi';
import type { HttpParts } from '../parts.ts';
import { routes } from '../route.ts';

const form = z.strictObject({ token: z.string().min(1), token_type_hint: z.string().optional() });

/** What resource servers ask of the issuer of grant tokens. Nothing here needs a token of ours. */
export function grantTokenRoutes({ grantTokens }: Pick<HttpParts, 'grantTokens'>) {
  const app = routes();
  app.get('/grants/jwks.json', (c) =>
    c.json(grantTokens.jwks(), 200, { 'cache-control': 'public, max-age=60' }),
  );
  app.get(grantTokens.discoveryPath, (c) =>
    c.json(grantTokens.discovery(), 200, { 'cache-control': 'public, max-age=60' }),
  );
  app.post('/grants/introspect', async (c) => {
    const token = tokenIn(await c.req.text());
    if (token === undefined) return c.json({ error: 'invalid_request' }, 400);
    const answer = await grantTokens.introspect(c.req.header('authorization') ?? '', token);
    if (answer !== undefined) return c.json(answer, 200);
    // RFC 6749 §5.2; RFC 7662 §2.3.
    return c.json({ error: 'invalid_client' }, 401, { 'www-authenticate': 'Basic realm="countersign"' });
  });
  return app;
}

/** undefined unless the form has exactly one token; a parameter given twice is refused (RFC 6749 §3.2). */
function tokenIn(text: string): string | undefined {
  const given = [...new URLSearchParams(text)];
  const names = given.map(([name]) => name);
  if (new Set(names).size !== names.length) return undefined;
  return form.safeParse(Object.fromEntries(given)).data?.token;
}
