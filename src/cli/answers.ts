import type { InferResponseType } from 'hono/client';
import type { Api } from './api.ts';

type V1 = Api['client']['v1'];

/** What the broker answers, by the names that its pages use. */
export type RequestView = InferResponseType<V1['requests'][':id']['$get'], 200>;
export type GrantView = RequestView['grants'][number];
export type ScopeItem = RequestView['scope'][number];
export type CatalogItem = InferResponseType<V1['catalog']['$get'], 200>['items'][number];
export type Session = InferResponseType<V1['grants'][':id']['sessions']['$post'], 201>;
export type TimelineItem = InferResponseType<V1['requests'][':id']['timeline']['$get'], 200>['items'][number];
