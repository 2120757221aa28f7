import type { Register } from '../run.ts';

export const registerTicketCommands: Register = () => undefined;
