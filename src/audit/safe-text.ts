import { saySentence } from '../domain/events/sentence.ts';

/** Whatever a log holds, said so that it cannot steer a terminal: a hostile log chooses its own names. */
export const safeText = (text: string): string => saySentence('{text}', { text });
