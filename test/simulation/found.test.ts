import { expect, test } from 'vitest';
import { run } from './run.ts';
import { scriptFrom } from './tell-failure.ts';

/** Stories that once broke a law, as short as they were found. Each was mended in `src`, and has a test there too. */
const found: readonly (readonly [name: string, seed: number, script: Parameters<typeof scriptFrom>[0]])[] = [
  [
    'whose leaving was recorded has no sign-in left to end',
    136,
    [
      ['record a leaving', 1851695729, null],
      ['sign out', 1230314611, null],
    ],
  ],
  [
    'an hour passes between looking somebody up and deciding for them',
    277,
    [
      ['an everyday story', 539348020, null],
      ['a story of an incident', 663813058, null],
      ['record a leaving', 1318653359, 4],
      ['a deadline comes', 541707362, null],
    ],
  ],
  [
    'two administrators record one leaving at one moment',
    3677,
    [
      ['run the pipeline', 810608479, null],
      ['review', 1035700719, null],
      ['sign what was shown before', 1151244617, null],
      ['end', 1176687377, null],
      ['a story of an approver who leaves', 1707226020, 5],
      ['a story of an approver who leaves', 1894283907, null],
    ],
  ],
  [
    'minutes pass between a new factor’s code and what it confirms',
    2784,
    [
      ['recover', 1118076990, 15],
      ['minutes pass', 238531943, null],
    ],
  ],
  [
    'a sweep comes upon a request for two people as it is approved',
    313,
    [
      ['a broker dies', 270963368, null],
      ['arm a mishap', 1340704953, null],
      ['attack', 1019612071, null],
      ['an everyday story', 1499712270, null],
      ['what is down is started', 1779204312, null],
      ['attack', 1893087174, null],
      ['ask', 36531133, null],
      ['review', 812219015, null],
      ['a story of an emergency', 1005314800, 8],
      ['extend', 263673739, 6],
      ['a story of an emergency', 803236708, 13],
      ['sign what was shown before', 1742531906, 25],
      ['timed work', 388963303, null],
    ],
  ],
];

test.each(found)('%s', { timeout: 60_000 }, async (_name, seed, script) => {
  const { violations } = await run(scriptFrom(script), { seed, steps: Number.POSITIVE_INFINITY });
  expect(violations).toEqual([]);
});
