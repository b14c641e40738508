/** Assertions of mocks as people write them, right and wrong. Sources: docs.python.org/3/library/unittest.mock.html (3.13), nova's hacking checks N364 and N366. */
import { ancestors, type Expression, type Node } from '../model.ts';
import { isMockName, MOCK_ASSERTIONS } from './mock.ts';
import { nearest } from './spelling.ts';

const REAL: ReadonlySet<string> = new Set(MOCK_ASSERTIONS);

/** Names that look like an assertion and are none: a mock answers them with another mock. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  called_once: 'assert_called_once',
  called_once_with: 'assert_called_once_with',
  called_with: 'assert_called_with',
  called_only_once_with: 'assert_called_once_with',
  called_any_with: 'assert_any_call',
  not_called: 'assert_not_called',
  has_calls: 'assert_has_calls',
  has_call: 'assert_has_calls',
  any_call: 'assert_any_call',
  awaited: 'assert_awaited',
  awaited_once: 'assert_awaited_once',
  awaited_with: 'assert_awaited_with',
  awaited_once_with: 'assert_awaited_once_with',
  not_awaited: 'assert_not_awaited',
  has_awaits: 'assert_has_awaits',
  assert_once_called_with: 'assert_called_once_with',
  assert_called_only_once_with: 'assert_called_once_with',
  assert_not_called_with: 'assert_not_called',
  assert_called_once_with_args: 'assert_called_once_with',
  assert_called_never: 'assert_not_called',
};

export function isMockAssertion(name: string): boolean {
  return REAL.has(name);
}

/** What a mock keeps of its calls. */
export function isRecord(name: string): boolean {
  return /^(?:called|call_count|call_args|call_args_list|mock_calls|method_calls|await_count|awaited|await_args)$/.test(name);
}

/** The assertion that a misspelt name means, when there is only one. */
export function meantAssertion(name: string): string | undefined {
  if (REAL.has(name)) return undefined;
  if (Object.hasOwn(LOOKALIKES, name)) return LOOKALIKES[name];
  if (name.startsWith('mock_assert_') && REAL.has(name.slice('mock_'.length))) return name.slice('mock_'.length);
  if (name.length < 10 || !/^a?s{1,3}e?r?e?t?_/.test(name)) return undefined;
  return nearest(name, MOCK_ASSERTIONS, 3);
}

/** Inside a block or call that expects an exception: a test of the mock itself. */
export function insideRaises(node: Node): boolean {
  for (const it of ancestors(node)) {
    if (it.type === 'with' && it.items.some((item) => item.context.type === 'call' && /raises/i.test(item.context.method))) return true;
    if (it.type === 'call' && /raises/i.test(it.method)) return true;
  }
  return false;
}

/** Is the expression a mock: `yes` when that is known, `likely` when only its name says so. */
export function mockLike(it: Expression): 'yes' | 'likely' | 'no' {
  const name = it.refersTo;
  if (isMockName(name)) return 'yes';
  let root = it;
  let named = false;
  for (;;) {
    if (root.type === 'call') root = root.function;
    else if (root.type === 'attribute') {
      named ||= saysMock(root.name);
      root = root.object;
    } else break;
  }
  if (root.type !== 'name') return 'no';
  named ||= saysMock(root.id);
  if (!named) return 'no';
  // An attribute of the test that nobody could follow is known by its class only.
  return name === undefined || (root.id === 'self' && /\(\)\.\w+/.test(name)) ? 'likely' : 'no';
}

function saysMock(name: string): boolean {
  return /(?:^|_)mock(?:s|ed)?(?:_|$)|^(?:m_|fake_|stub_)/.test(name);
}
