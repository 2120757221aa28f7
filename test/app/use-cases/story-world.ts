import { ordersPolicy } from '../../orders-policy.ts';
import { type World, worldUnder } from './world.ts';

/** Everybody of the stories: two engineers, two leads, one who is both, two of security, two administrators. */
export const storyGroups = {
  maya: ['eng'],
  omar: ['eng'],
  tomas: ['leads', 'eng'],
  lea: ['leads'],
  sid: ['sec'],
  sol: ['sec', 'leads'],
  ann: ['adm'],
  bob: ['adm'],
} as const;

export const storyWorld = (): Promise<World> => worldUnder(ordersPolicy, storyGroups, ['ann', 'bob']);
