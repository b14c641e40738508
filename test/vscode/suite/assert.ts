// Assertions that a browser has too.

/** Something that this machine or host does not have; the reason is told. */
export class Skip extends Error {}

export function ok(value: unknown, message = 'it is not so'): asserts value {
  if (!value) fail(message);
}

export function equal(actual: unknown, expected: unknown, message = ''): void {
  if (!Object.is(actual, expected)) fail(`${message}\nexpected: ${String(expected)}\nactual:   ${String(actual)}`);
}

export function deepEqual(actual: unknown, expected: unknown): void {
  equal(JSON.stringify(actual, null, 2), JSON.stringify(expected, null, 2));
}

export function match(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) fail(`${pattern} does not match:\n${text}`);
}

export function fail(message: string): never {
  throw new Error(message);
}
