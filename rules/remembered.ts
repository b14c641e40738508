/**
 * Answers about things that stay as they are: each worked out once, and forgotten with its thing. What else `find` is given
 * must be the same whenever the thing is.
 */
export function remembered<K extends object, V, A = void>(find: (it: K, about: A) => V): (it: K, about: A) => V {
  const known = new WeakMap<K, V>();
  return (it, about) => {
    let answer = known.get(it);
    if (answer === undefined) {
      answer = find(it, about);
      known.set(it, answer);
    }
    return answer;
  };
}
