import type { Register } from '../run.ts';

export const registerPolicyCommands: Register = () => undefined;
