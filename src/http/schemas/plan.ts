import { catalogue } from '../../domain/events.ts';

/** Who gains and who loses what: as it is signed. */
export const planSchema = catalogue['countersign.policy.proposed.v1'].schema.shape.plan;
