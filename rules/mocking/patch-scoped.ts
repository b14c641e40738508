import { argument, type Patch, type TestFile } from '../model.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'patch-scoped',
  code: 'MCK-S02',
  category: 'mocking',
  title: 'Patch ends with what it is written on',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A decorator, a `with` block or a fixture takes the patch back on every path, also when the test fails.',
  limits: '`stub_out` and other methods of a base class count only where their definition is read.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#the-patchers'],
  once: 'file',
  on: 'patch',
  *check(patch, file) {
    // What is not there cannot be patched, nor be brought back.
    if (patch.target !== undefined && !patch.target.includes('(') && file.exists(patch.target) === 'no' && argument(patch.call, 'create') === undefined) return;
    const end = endOf(patch, file);
    if (end !== undefined) yield { at: patch.place, message: `${code(patch.call, 60)} ${end}` };
  },
  examples: [
    {
      name: 'every form that ends by itself',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send")
        #^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is undone when the function that it decorates ends
        def test_transfer(send):
            with mock.patch.object(bank, "clock"):  #! is undone at the end of its
                transfer(10)
            send.assert_called_once_with(10)
      `,
    },
    {
      name: 'by the fixture of pytest',
      bad: py`
        def test_transfer(monkeypatch):
            monkeypatch.setattr("bank.client.send", lambda amount: None)  #! is undone by pytest
      `,
    },
    {
      name: 'a started patch is not taken back by itself',
      good: py`
        import pytest
        from unittest import mock

        def test_transfer():
            patcher = mock.patch("bank.client.send")
            patcher.start()
            patcher.stop()

        mp = pytest.MonkeyPatch()
        mp.setattr("bank.client.send", None)
      `,
    },
  ],
});

/** How the patch ends, in words; undefined when that is not proven. */
function endOf(patch: Patch, file: TestFile): string | undefined {
  switch (patch.applied) {
    case 'decorator':
      return patch.call.parent?.type === 'class' ? 'is undone after each test of the class' : 'is undone when the function that it decorates ends';
    case 'with':
      return 'is undone at the end of its `with` block';
    case 'registered':
      return 'is undone when the test ends';
    case 'immediate':
      break;
    default:
      return undefined;
  }
  const root = rootName(patch);
  if (patch.form === 'mocker' || patch.form === 'monkeypatch') {
    if (root === undefined || patch.owner?.parameters.includes(root) !== true) return undefined;
    return `is undone by ${patch.form === 'mocker' ? 'pytest-mock' : 'pytest'} when its fixture ends`;
  }
  const { callee } = patch.call;
  if (callee === undefined) return undefined;
  // testtools brings the attribute back; only where its class is among the ancestors is `self.patch` that.
  if (callee === 'unittest.TestCase().patch' && patch.owner?.class?.ancestors.some((it) => /^(?:testtools|oslotest)\./.test(it)) === true)
    return 'is undone when the test ends';
  const does = file.definition(callee)?.does ?? '';
  if (/useFixture|addCleanup/.test(does)) return 'is undone when the test ends';
  return undefined;
}

function rootName(patch: Patch): string | undefined {
  let it = patch.call.function;
  while (it.type === 'attribute') it = it.object;
  return it.type === 'name' ? it.id : undefined;
}
