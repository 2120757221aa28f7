import type { Register } from '../run.ts';

export const registerCompletion: Register = () => undefined;
