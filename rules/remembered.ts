/**
 * Notes on things, kept with each thing as long as it stays. Not in a `WeakMap`: what V8 keeps in one that is old itself lives
 * until it looks through the old generation, with all that it sees, which may be the tree of every text that was typed. A thing
 * that is copied by a spread takes its notes along, and one that is frozen can have none.
 */
export class Notes<K extends object, V> {
  readonly #key = Symbol('notes');

  of(it: K): V | undefined {
    return (it as Noted<V>)[this.#key];
  }

  note(it: K, value: V): void {
    (it as Noted<V>)[this.#key] = value;
  }
}

interface Noted<V> {
  [key: symbol]: V | undefined;
}

/**
 * Answers about things that stay as they are: each worked out once, and forgotten with its thing. What else `find` is given
 * must be the same whenever the thing is.
 */
export function remembered<K extends object, V, A = void>(find: (it: K, about: A) => V): (it: K, about: A) => V {
  const known = new Notes<K, V>();
  return (it, about) => {
    let answer = known.of(it);
    if (answer === undefined) {
      answer = find(it, about);
      known.note(it, answer);
    }
    return answer;
  };
}
