/** Sixteen by sixteen: short, far apart in sound, and nothing that could frighten at night. */
const FIRST = 'amber bold calm dusty early fresh gentle happy icy jolly kind lucky merry noble olive plain';
const SECOND =
  'acorn badger cedar dolphin ember falcon garden harbor island jasmine kettle lantern maple nectar otter pebble';

const firsts = FIRST.split(' ');
const seconds = SECOND.split(' ');
const PAIRS = 3;

/** What a match phrase is made of: the code that is typed, and the key that the tokens will be bound to. */
export const matchPhraseInput = (userCode: string, keyThumbprint: string): string =>
  `countersign/match-phrase/v1\n${userCode}\n${keyThumbprint}`;

/**
 * Six words for 24 bits of a digest, the same wherever it is computed: a terminal says them from its own key, the page
 * from the key that was sent, so somebody who passes a code on with a key of their own shows other words.
 * @param digest SHA-256 of `matchPhraseInput`; three bytes are read
 */
export function matchPhrase(digest: Uint8Array): string {
  const pairs: string[] = [];
  for (const byte of digest.subarray(0, PAIRS)) {
    pairs.push(`${firsts[byte >> 4] ?? ''} ${seconds[byte & 15] ?? ''}`);
  }
  return pairs.join(' · ');
}
