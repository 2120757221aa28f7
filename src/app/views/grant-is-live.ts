import { grantStatus } from '../../domain/request/status.ts';
import { Failure } from '../../domain/errors.ts';
import type { Broker } from '../broker.ts';
import { readGrant } from '../find-grant.ts';

/**
 * Whether credentials of this session work now: the grant is active, and the session is one of its own. Folded from
 * the log at every question, so a revocation counts from its entry on.
 */
export async function grantIsLive(broker: Broker, grantId: string, session: string): Promise<boolean> {
  try {
    const { grant } = await readGrant(broker, grantId);
    const phase = grant.sessions[session]?.phase;
    return phase !== undefined && phase !== 'failed' && grantStatus(grant, broker.clock.nowMs()) === 'active';
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-found') return false;
    throw error;
  }
}
