/**
 * Words of the design that the program does not carry out yet. They are refused by name, so that nobody
 * believes in a protection that is not there. Building one means moving it from here into file-schema.ts.
 */
const words: Readonly<Record<string, string>> = {
  http: registerInstead(),
  github: registerInstead(),
  jira: registerInstead(),
};

const keys: Readonly<Record<string, string>> = {
  gcp: providerInstead(),
  azure: providerInstead(),
  kubernetes: providerInstead(),
  postgres: providerInstead(),
  ssh: providerInstead(),
};

/** The message for a planned word where a word is expected; undefined when it is simply unknown. */
export function wordNotBuiltYet(word: string): string | undefined {
  return sentence(words, word);
}

/** The message for a planned key; undefined when it is simply unknown. */
export function keyNotBuiltYet(key: string): string | undefined {
  return sentence(keys, key);
}

function sentence(table: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.hasOwn(table, word) ? `\`${word}\` is not built yet: ${table[word]}.` : undefined;
}

function registerInstead(): string {
  return 'write `kind: register`, the ticket register that is built in';
}

function providerInstead(): string {
  return 'write `aws: "447109238812", regions: [eu-west-1]` or `token: { audience: "https://orders.example" }`';
}
