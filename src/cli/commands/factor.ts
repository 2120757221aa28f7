import type { Register } from '../run.ts';

export const registerFactorCommands: Register = () => undefined;
