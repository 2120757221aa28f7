/**
 * A map that forgets what was not used for long: it holds at most `most` values. Two generations stand for the order
 * of use, since a Map that is forever deleted from at its start grows slow.
 */
export class BoundedMap<Key, Value> {
  readonly #mostOfGeneration: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(most: number) {
    this.#mostOfGeneration = Math.ceil(most / 2);
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#mostOfGeneration) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
