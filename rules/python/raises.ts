/**
 * What expects an exception or a warning. Sources: docs.python.org/3/library/unittest.html (3.13),
 * docs.pytest.org 8, testtools 2.7, django 5 (`SimpleTestCase.assertRaisesMessage`), nose 1.3, numpy 2 testing.
 */

import type { Raises } from '../model.ts';

export interface RaisesForm {
  readonly what: 'raises' | 'warns';
  /** Position of the pattern or message that is compared; undefined when there is none by position. */
  readonly pattern: number | undefined;
  /** May the callable be given as a further positional argument? */
  readonly calls: boolean;
}

const RAISES: RaisesForm = { what: 'raises', pattern: undefined, calls: true };
const RAISES_PATTERN: RaisesForm = { what: 'raises', pattern: 1, calls: true };
const WARNS: RaisesForm = { what: 'warns', pattern: undefined, calls: true };
const WARNS_PATTERN: RaisesForm = { what: 'warns', pattern: 1, calls: true };

/** By qualified name of the callee. */
export const RAISES_CALLEES: ReadonlyMap<string, RaisesForm> = new Map([
  ['pytest.raises', RAISES],
  ['pytest.warns', WARNS],
  ['pytest.deprecated_call', { what: 'warns', pattern: undefined, calls: false }],
  ['testtools.ExpectedException', { what: 'raises', pattern: 1, calls: false }],
  ['testtools.testcase.ExpectedException', { what: 'raises', pattern: 1, calls: false }],
  ['nose.tools.assert_raises', RAISES],
  ['nose.tools.assert_raises_regex', RAISES_PATTERN],
  ['nose.tools.assert_raises_regexp', RAISES_PATTERN],
  ['numpy.testing.assert_raises', RAISES],
  ['numpy.testing.assert_raises_regex', RAISES_PATTERN],
  ['numpy.testing.assert_warns', WARNS],
]);

/** By method name, whatever the object: a mixin's `self`, a test case handed to a function. */
export const RAISES_METHODS: ReadonlyMap<string, RaisesForm> = new Map([
  ['assertRaises', RAISES],
  ['failUnlessRaises', RAISES],
  ['assertRaisesRegex', RAISES_PATTERN],
  ['assertRaisesRegexp', RAISES_PATTERN],
  ['assertRaisesMessage', RAISES_PATTERN],
  ['assertWarns', WARNS],
  ['assertWarnsRegex', WARNS_PATTERN],
  ['assertWarnsMessage', WARNS_PATTERN],
]);

/** Keywords that hold the expected class, and those that hold what is compared with its text. */
export const EXPECTED_KEYWORDS: readonly string[] = ['expected_exception', 'exception', 'expected_warning', 'exc_type', 'exception_class'];
export const PATTERN_KEYWORDS: readonly string[] = ['match', 'check', 'expected_regex', 'expected_regexp', 'expected_message', 'value_re'];
export const CALLABLE_KEYWORDS: readonly string[] = ['callable', 'callable_obj', 'callableObj', 'func'];

/** `self.assertRaises(KeyError)` as a line of its own: a context that nobody enters, and nothing to call. */
export function watchesNothing({ call, form, statement }: Raises): boolean {
  const [only] = call.arguments;
  return (
    form === 'call' &&
    call.method !== 'deprecated_call' && // the function itself comes first
    statement?.type === 'expression' &&
    statement.expression === call &&
    call.arguments.length === 1 &&
    only?.keyword === undefined &&
    only?.unpack === undefined
  );
}
