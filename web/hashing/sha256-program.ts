/**
 * SHA-256's compression (FIPS 180-4 §6.2.2) as a WebAssembly module, put together here: all 64 rounds one after the
 * other, so that names turn and nothing is moved. A browser's own digest answers later only, and costs a task each.
 *
 * The module exports `memory` and two functions. `compress(at, blocks)` takes `blocks` of 64 bytes at `at` into the
 * eight state words at STATE_AT. `compressFour(blocks, first, second, third, fourth)` does it for four messages at
 * once, whose states stand word by word beside one another at FOUR_STATES_AT.
 */
export function sha256Program(pages: number): Uint8Array<ArrayBuffer> {
  const [one, four] = [compressOf(oneLane), compressOf(fourLanes)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [2, ...functionType(oneLane), ...functionType(fourLanes)]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0x00, ...unsigned(pages)]),
    ...section(7, [3, ...name('memory'), 2, 0, ...name('compress'), 0, 0, ...name('compressFour'), 0, 1]),
    ...section(10, [2, ...sized(one), ...sized(four)]),
  ]);
}

/** Where the states stand, and from where on messages may be put. */
export const STATE_AT = 0;
export const FOUR_STATES_AT = 64;
export const MESSAGE_AT = 192;
export const LANES = 4;
/** FIPS 180-4 §5.3.3 */
export const INITIAL_STATE: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
export const BLOCK_BYTES = 64;

type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;
const EMPTY_BLOCK = 0x40;

const getLocal = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
const integer = (value: number): Code => [0x41, ...signed(value | 0)];
const plus = (left: Code, right: Code): Code => [...left, ...right, 0x6a];

/** What a word is, and what can be done with it: one number, or four beside one another. */
interface Lanes {
  readonly type: number;
  readonly parameters: number;
  /** The parameter that says how many blocks are left, and those that say where the messages are. */
  readonly blocks: number;
  readonly messages: readonly number[];
  readonly stateAt: number;
  readonly stateBytes: number;
  readonly operation: Readonly<Record<'add' | 'and' | 'or' | 'xor', Code>>;
  turned(word: Code, bits: number): Code;
  shifted(word: Code, bits: number): Code;
  constant(value: number): Code;
  loadState(at: number): Code;
  storeState(at: number, word: Code): Code;
  /** Written with its highest byte first in the message; WebAssembly reads the lowest first. */
  loadWord(offset: number, temporary: number): Code;
}

const oneLane: Lanes = {
  type: I32,
  parameters: 2,
  blocks: 1,
  messages: [0],
  stateAt: STATE_AT,
  stateBytes: 4,
  operation: { add: [0x6a], and: [0x71], or: [0x72], xor: [0x73] },
  turned: (word, bits) => [...word, ...integer(bits), 0x78],
  shifted: (word, bits) => [...word, ...integer(bits), 0x76],
  constant: integer,
  loadState: (at) => [...integer(0), 0x28, 2, ...unsigned(at)],
  storeState: (at, word) => [...integer(0), ...word, 0x36, 2, ...unsigned(at)],
  loadWord(offset, temporary) {
    const [word, keep] = [
      getLocal(temporary),
      set(temporary, [...getLocal(0), 0x28, 0, ...unsigned(offset)]),
    ];
    // Turned by a byte to the left, and to the right, each second byte is where it should be.
    const even = [...word, ...integer(8), 0x77, ...integer(0x00ff00ff), 0x71];
    const odd = [...word, ...integer(8), 0x78, ...integer(0xff00ff00), 0x71];
    return [...keep, ...even, ...odd, 0x72];
  },
};

const vector = (operation: number): Code => [0xfd, ...unsigned(operation)];
const BYTES_SWAPPED: Code = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];

const fourLanes: Lanes = {
  type: V128,
  parameters: 5,
  blocks: 0,
  messages: [1, 2, 3, 4],
  stateAt: FOUR_STATES_AT,
  stateBytes: 16,
  operation: { add: vector(0xae), and: vector(0x4e), or: vector(0x50), xor: vector(0x51) },
  turned(word, bits) {
    const right = fourLanes.shifted(word, bits);
    const left = [...word, ...integer(32 - bits), ...vector(0xab)];
    return [...right, ...left, ...vector(0x50)];
  },
  shifted: (word, bits) => [...word, ...integer(bits), ...vector(0xad)],
  constant: (value) => [...integer(value), ...vector(0x11)],
  loadState: (at) => [...integer(0), ...vector(0x00), 4, ...unsigned(at)],
  storeState: (at, word) => [...integer(0), ...word, ...vector(0x0b), 4, ...unsigned(at)],
  loadWord(offset, temporary) {
    // Of the first message into an empty vector, then each of the others into its lane.
    const all: number[] = [1, 2, 3].flatMap((lane) => getLocal(LANES - lane + 1));
    all.push(...getLocal(1), ...vector(0x5c), 0, ...unsigned(offset));
    for (const lane of [1, 2, 3]) all.push(...vector(0x56), 0, ...unsigned(offset), lane);
    const kept = getLocal(temporary);
    return [...set(temporary, all), ...kept, ...kept, ...vector(0x0d), ...BYTES_SWAPPED];
  },
};

const functionType = ({ parameters }: Lanes): Code => [
  0x60,
  parameters,
  ...new Array(parameters).fill(I32),
  0,
];

/** Beside the parameters: eight working variables, sixteen words of the schedule, and one for what is used twice. */
const VARIABLES = 8;
const WORDS = 16;

function compressOf(lanes: Lanes): Code {
  const locals = [1, ...unsigned(VARIABLES + WORDS + 1), lanes.type];
  const working = (at: number): number => lanes.parameters + at;
  const body: number[] = [0x03, EMPTY_BLOCK]; // loop
  for (let at = 0; at < 8; at++) body.push(...set(working(at), lanes.loadState(stateAt(lanes, at))));
  for (let round = 0; round < 64; round++) body.push(...scheduled(lanes, round), ...roundOf(lanes, round));
  for (let at = 0; at < 8; at++) {
    const word = sum(lanes, lanes.loadState(stateAt(lanes, at)), getLocal(working(at)));
    body.push(...lanes.storeState(stateAt(lanes, at), word));
  }
  for (const message of lanes.messages)
    body.push(...set(message, plus(getLocal(message), integer(BLOCK_BYTES))));
  // Once more while blocks are left.
  body.push(
    ...set(lanes.blocks, plus(getLocal(lanes.blocks), integer(-1))),
    ...getLocal(lanes.blocks),
    0x0d,
    0,
    END,
  );
  return [...locals, ...body, END];
}

const stateAt = ({ stateAt: base, stateBytes }: Lanes, at: number): number => base + stateBytes * at;

const apply = ({ operation }: Lanes, which: keyof Lanes['operation'], left: Code, right: Code): Code => [
  ...left,
  ...right,
  ...operation[which],
];
const sum = (lanes: Lanes, ...terms: readonly Code[]): Code =>
  terms.reduce((left, right) => apply(lanes, 'add', left, right));

/** Two turns of one word and a third, or a shift, against one another. */
const mixed = (lanes: Lanes, word: Code, first: number, second: number, last: Code): Code =>
  apply(lanes, 'xor', apply(lanes, 'xor', lanes.turned(word, first), lanes.turned(word, second)), last);

/** The round's word: of the message at first, then of the words before it. Sixteen are kept, in turn. */
function scheduled(lanes: Lanes, round: number): Code {
  const word = (back: number): number => lanes.parameters + VARIABLES + ((round - back + 64) % WORDS);
  const own = word(0);
  if (round < WORDS) return set(own, lanes.loadWord(4 * round, own));
  const [early, late] = [getLocal(word(15)), getLocal(word(2))];
  const small0 = mixed(lanes, early, 7, 18, lanes.shifted(early, 3));
  const small1 = mixed(lanes, late, 17, 19, lanes.shifted(late, 10));
  return set(own, sum(lanes, getLocal(own), small0, getLocal(word(7)), small1));
}

function roundOf(lanes: Lanes, round: number): Code {
  const [words, temporary] = [lanes.parameters + VARIABLES, lanes.parameters + VARIABLES + WORDS];
  // A name moves on by one each round, in place of its value.
  const variable = (at: number): number => lanes.parameters + ((at - round + 64) % VARIABLES);
  const value = (at: number): Code => getLocal(variable(at));
  const [a, b, c, d] = [value(0), value(1), value(2), value(3)];
  const [e, f, g, h] = [value(4), value(5), value(6), value(7)];
  const chosen = apply(lanes, 'xor', apply(lanes, 'and', apply(lanes, 'xor', f, g), e), g);
  const either = apply(lanes, 'and', apply(lanes, 'or', a, b), c);
  const majority = apply(lanes, 'or', apply(lanes, 'and', a, b), either);
  const first = sum(
    lanes,
    h,
    mixed(lanes, e, 6, 11, lanes.turned(e, 25)),
    chosen,
    lanes.constant(ROUND_CONSTANTS[round] ?? 0),
    getLocal(words + (round % WORDS)),
  );
  return [
    ...set(temporary, first),
    ...set(variable(3), sum(lanes, d, getLocal(temporary))),
    ...set(
      variable(7),
      sum(lanes, getLocal(temporary), mixed(lanes, a, 2, 13, lanes.turned(a, 22)), majority),
    ),
  ];
}

const section = (id: number, content: Code): Code => [id, ...sized(content)];

function sized(content: Code): Code {
  return [...unsigned(content.length), ...content];
}

const name = (text: string): Code => sized([...text].map((letter) => letter.charCodeAt(0)));

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest < -0x40 || rest >= 0x40; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

/** FIPS 180-4 §4.2.2: the first 32 bits of the fractions of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS: readonly number[] = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];
