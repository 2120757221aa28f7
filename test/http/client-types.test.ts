import { hc, type InferRequestType, type InferResponseType } from 'hono/client';
import { expectTypeOf, test } from 'vitest';
import type { AppType } from '../../src/http/app.ts';

const client = hc<AppType>('http://127.0.0.1:1');

test('the typed client knows what each call takes and answers, and none of it is any', () => {
  const { v1 } = client;
  type Asked = InferRequestType<typeof v1.requests.$post>['json'];
  expectTypeOf<Asked>().not.toBeAny();
  expectTypeOf<Asked['duration_seconds']>().toEqualTypeOf<number>();
  type Request = InferResponseType<(typeof v1.requests)[':id']['$get']>;
  expectTypeOf<Request>().not.toBeAny();
  expectTypeOf<Request['status']>().extract<'pending' | 'active'>().toEqualTypeOf<'pending' | 'active'>();
  type Session = InferResponseType<(typeof v1.grants)[':id']['sessions']['$post'], 201>;
  expectTypeOf<Session['credentials']['kind']>().toEqualTypeOf<'token' | 'aws'>();
  type Statement = InferResponseType<(typeof v1.requests)[':id']['statements']['$post']>;
  expectTypeOf<Statement['statement']['verdict']>().toEqualTypeOf<'approve' | 'deny'>();
  type Token = InferResponseType<typeof v1.token.$post, 200>;
  expectTypeOf<Token['token_type']>().toEqualTypeOf<'DPoP'>();
  expectTypeOf<InferResponseType<(typeof v1.log)['entries']['$get']>['size']>().toEqualTypeOf<number>();
  // @ts-expect-error there is no such call
  expectTypeOf(v1.nonsense).not.toBeAny();
});
