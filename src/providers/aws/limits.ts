/** Bounds of AssumeRole, from the STS API reference. */
export const LEAST_SESSION_SECONDS = 900;
export const MOST_SESSION_SECONDS = 43_200;
/** When the caller is itself a role's session. */
export const MOST_CHAINED_SECONDS = 3_600;
export const MOST_POLICY_CHARACTERS = 2_048;
/** How long after `prepare` the call may reach STS, with the difference between its clock and ours. */
export const CALL_ALLOWANCE_MS = 120_000;

export const ACCOUNT_PATTERN = /^\d{12}$/;
/** `RoleSessionName` and `SourceIdentity`. */
export const SESSION_NAME_PATTERN = /^[\w+=,.@-]{2,64}$/;
export const EXTERNAL_ID_PATTERN = /^[\w+=,.@:/-]{2,1224}$/;
/** ASCII part of what AWS allows in the value of a tag. */
export const TAG_VALUE_PATTERN = /^[\w .:/=+@-]{1,256}$/;
