/**
 * SHA-256's compression (FIPS 180-4 §6.2.2) as a WebAssembly module, put together here: all 64 rounds one after the
 * other, so that names turn and nothing is moved. A browser's own digest answers later only, and costs a task each.
 *
 * The module exports `memory` and `compress(at, blocks)`, which takes `blocks` of 64 bytes at `at` into the eight
 * state words at address 0.
 */
export function sha256Program(pages: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 2, I32, I32, 0]), // one type: (i32, i32) -> ()
    ...section(3, [1, 0]),
    ...section(5, [1, 0x00, ...unsigned(pages)]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('compress'), 0, 0]),
    ...section(10, [1, ...sized([1, ...unsigned(LOCALS - PARAMETERS), I32, ...compressBody(), END])]),
  ]);
}

/** Where the state stands, and where messages may be put. */
export const STATE_AT = 0;
export const MESSAGE_AT = 64;
/** FIPS 180-4 §5.3.3 */
export const INITIAL_STATE: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
export const BLOCK_BYTES = 64;

type Code = readonly number[];

const I32 = 0x7f;
const END = 0x0b;
const EMPTY_BLOCK = 0x40;
const operation = {
  add: 0x6a,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shiftRight: 0x76,
  turnLeft: 0x77,
  turnRight: 0x78,
} as const;

// The two parameters, eight working variables, sixteen words of the schedule, and one for what is used twice.
const PARAMETERS = 2;
const [AT, BLOCKS] = [0, 1];
const WORKING = PARAMETERS;
const SCHEDULE = WORKING + 8;
const TEMPORARY = SCHEDULE + 16;
const LOCALS = TEMPORARY + 1;

const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
const constant = (value: number): Code => [0x41, ...signed(value | 0)];
const load = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];
const store = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  0x36,
  2,
  ...unsigned(offset),
];
const apply = (which: keyof typeof operation, left: Code, right: Code): Code => [
  ...left,
  ...right,
  operation[which],
];
const sum = (...terms: readonly Code[]): Code => terms.reduce((left, right) => apply('add', left, right));
const turned = (value: Code, bits: number): Code => apply('turnRight', value, constant(bits));

/** Three turns of one word, or two turns and a shift, against one another. */
const mixed = (word: Code, first: number, second: number, last: Code): Code =>
  apply('xor', apply('xor', turned(word, first), turned(word, second)), last);

/** Words of the message are written with their highest byte first, WebAssembly reads the lowest first. */
const swapped = (word: number): Code =>
  apply(
    'or',
    apply('and', apply('turnLeft', get(word), constant(8)), constant(0x00ff00ff)),
    apply('and', apply('turnRight', get(word), constant(8)), constant(0xff00ff00)),
  );

function compressBody(): Code {
  const body: number[] = [0x03, EMPTY_BLOCK]; // loop
  for (let at = 0; at < 8; at++) body.push(...set(WORKING + at, load(constant(STATE_AT), 4 * at)));
  for (let round = 0; round < 64; round++) body.push(...scheduled(round), ...roundOf(round));
  for (let at = 0; at < 8; at++) {
    const word = sum(load(constant(STATE_AT), 4 * at), get(WORKING + at));
    body.push(...store(constant(STATE_AT), word, 4 * at));
  }
  body.push(...set(AT, sum(get(AT), constant(BLOCK_BYTES))));
  // Once more while blocks are left.
  body.push(...set(BLOCKS, sum(get(BLOCKS), constant(-1))), ...get(BLOCKS), 0x0d, 0, END);
  return body;
}

/** The round's word: of the message at first, then of the words before it. Sixteen are kept, in turn. */
function scheduled(round: number): Code {
  const word = (back: number): number => SCHEDULE + ((round - back + 64) % 16);
  const own = word(0);
  if (round < 16) return [...set(own, load(get(AT), 4 * round)), ...set(own, swapped(own))];
  const [early, late] = [get(word(15)), get(word(2))];
  const small0 = mixed(early, 7, 18, apply('shiftRight', early, constant(3)));
  const small1 = mixed(late, 17, 19, apply('shiftRight', late, constant(10)));
  return set(own, sum(get(own), small0, get(word(7)), small1));
}

function roundOf(round: number): Code {
  // A name moves on by one each round, in place of its value.
  const variable = (at: number): number => WORKING + ((at - round + 64) % 8);
  const value = (at: number): Code => get(variable(at));
  const [a, b, c, d] = [value(0), value(1), value(2), value(3)];
  const [e, f, g, h] = [value(4), value(5), value(6), value(7)];
  const chosen = apply('xor', apply('and', apply('xor', f, g), e), g);
  const majority = apply('or', apply('and', a, b), apply('and', apply('or', a, b), c));
  const first = sum(
    h,
    mixed(e, 6, 11, turned(e, 25)),
    chosen,
    constant(ROUND_CONSTANTS[round] ?? 0),
    get(SCHEDULE + (round % 16)),
  );
  return [
    ...set(TEMPORARY, first),
    ...set(variable(3), sum(d, get(TEMPORARY))),
    ...set(variable(7), sum(get(TEMPORARY), mixed(a, 2, 13, turned(a, 22)), majority)),
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
