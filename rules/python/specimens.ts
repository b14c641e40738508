/**
 * Calls of Python itself that make a value, or an error, of what the test has written: `json.loads("{bad")`.
 * Source: docs.python.org/3/library (3.13). What runs programs, loads modules or goes out to a disk or a network is left out.
 */
import type { Call, Expression, Statement } from '../model.ts';
import { walk } from '../model.ts';
import { running } from './failures.ts';

const MAKERS =
  /^(?:json|datetime|decimal|fractions|ipaddress|uuid|re|base64|binascii|ast|struct|zoneinfo|xml|urllib\.parse)\.|^tomllib\.loads$|^builtins\.(?:int|float|complex|bool|bytes|bytearray|str|chr|ord|dict|list|tuple|set|frozenset|range|len|min|max|sum|round|pow|divmod|iter|next)$/;

/** Only such calls, one at least, with nothing but literals. */
export function isMadeByPython(body: readonly Statement[]): boolean {
  const parts = running(body);
  const calls = parts.filter((it) => it.type === 'call');
  return (
    calls.length > 0 &&
    !parts.some((it) => it.type === 'await' || it.type === 'with' || it.type === 'raise' || it.type === 'import') &&
    calls.every((it) => isMaker(it) && it.arguments.every(({ value }) => isLiteral(value)))
  );
}

function isMaker({ callee, function: called }: Call): boolean {
  if (callee !== undefined && MAKERS.test(callee)) return true;
  // `b"\xff".decode("ascii")`
  return called.type === 'attribute' && called.object.type === 'string';
}

/** Written in the test, or made of that by Python: no parameter, and no result of another call. */
export function isLiteral(it: Expression): boolean {
  return walk(it).every((each) => {
    if (each.type === 'call') return isMaker(each);
    if (each.type === 'name')
      return isKnown(each) || (each.parent?.type === 'attribute' && each.parent.refersTo !== undefined && MAKERS.test(each.parent.refersTo));
    return each.type !== 'await' && each.type !== 'lambda' && each.type !== 'star' && each.type !== 'yield' && each.type !== 'comprehension';
  });
}

function isKnown({ value, refersTo }: Expression): boolean {
  return value.kind === 'constant' || value.kind === 'list' || value.kind === 'dict' || (refersTo !== undefined && MAKERS.test(refersTo));
}
