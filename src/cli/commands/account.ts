import type { Register } from '../run.ts';

export const registerAccountCommands: Register = () => undefined;
