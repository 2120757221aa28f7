import type { Rule } from '../rule.ts';
import type { PasskeyUseState } from './state.ts';

export const EMERGENCY_SIGN_INS_PER_HOUR = 10;
const HOUR_MS = 3_600_000;

/** Anybody may knock at this door, and each time that it opens is an entry for ever. */
export const emergencySignInsAreBounded: Rule<{
  readonly factorStates: { readonly passkeyUse: PasskeyUseState };
  readonly nowMs: number;
}> = {
  name: 'emergency-sign-ins-are-bounded',
  refuses({ factorStates, nowMs }) {
    const recent = factorStates.passkeyUse.signedInAtMs.filter((at) => at > nowMs - HOUR_MS);
    return recent.length < EMERGENCY_SIGN_INS_PER_HOUR
      ? undefined
      : `This passkey has signed in ${recent.length} times within an hour. Wait until an hour has passed since the first, or use the sign-in you have.`;
  },
};
