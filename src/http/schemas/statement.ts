import { statement } from '../../domain/events.ts';

const [review, breakGlass, publish] = statement.options;

/** Statements as the log holds them: what comes back is compared, field by field, with what stands. */
export const reviewStatement = review;
export const breakGlassStatement = breakGlass;
export const publishStatement = publish;
