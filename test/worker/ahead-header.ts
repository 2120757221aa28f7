/** How far ahead of the real time it is, says every request that the tests send. */
export const AHEAD_HEADER = 'x-test-ahead-ms';
