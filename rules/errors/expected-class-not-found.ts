import { ancestors, type Raises, type TestFile, walk } from '../model.ts';
import { isAssertionCall } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'expected-class-not-found',
  code: 'ERR-U02',
  category: 'errors',
  title: 'the class of the expected exception was not found',
  kind: 'open',
  confidence: 'medium',
  cwe: [],
  why: 'How much the test accepts depends on how wide that class is.',
  instead: 'Open the workspace that defines it.',
  limits:
    'Asked once per file, of classes of a module of the project itself that is not there; classes of libraries are taken as specific. Silent where the test gives the text of the error with `match`, or asserts something of what is caught.',
  links: [],
  once: 'file',
  on: 'raises',
  *check(raises, file) {
    if (raises.what !== 'raises' || raises.match !== undefined || isLookedAt(raises)) return;
    for (const it of raises.exceptions) {
      const name = it.refersTo;
      if (name === undefined || name.includes('(') || name.includes('<locals>') || !/\.[A-Z][A-Z0-9_]*[a-z]\w*$/.test(name) || name.startsWith('builtins.'))
        continue;
      if (!isOfProject(name, file) || isThere(name, file)) continue;
      yield { at: it.place, message: `how wide the expected classes of this project are, such as \`${short(it.text)}\`: not found` };
    }
  },
  examples: [
    {
      name: 'an error of the package that the tests belong to',
      bad: {
        'shop/tests/test_till.py': py`
          import pytest
          from shop import errors

          def test_refuses(till):
              with pytest.raises(errors.Empty):  #! how wide the expected classes
                  till.pay(1)
        `,
        'shop/__init__.py': '',
      },
    },
    {
      name: 'what is caught is compared, too',
      good: {
        'shop/tests/test_till.py': py`
          import unittest
          import pytest
          from shop import errors

          def test_status(till):
              with pytest.raises(errors.Answer) as caught:
                  till.pay(1)
              assert 404 == caught.value.status

          def test_text(till):
              with pytest.raises(errors.Answer, match="is empty"):
                  till.pay(1)

          class TestTill(unittest.TestCase):
              def test_status(self):
                  refused = self.assertRaises(errors.Answer, self.till.pay, 1)
                  self.assertEqual(404, refused.status)
        `,
        'shop/__init__.py': '',
      },
    },
    {
      name: "found, built in, or a library's",
      good: {
        'shop/tests/test_till.py': py`
          import pytest
          import requests
          from shop import doubles, errors, old

          def test_refuses(till):
              with pytest.raises(errors.Empty):
                  till.pay(1)
              with pytest.raises(errors.Closed):
                  till.pay(1)
              with pytest.raises(errors.Till.DoesNotExist):
                  till.pay(1)
              with pytest.raises(errors.requests.Timeout):
                  till.pay(1)
              with pytest.raises(errors.requests.exceptions.ReadTimeout):
                  till.pay(1)
              errors.Double = type("Double", (Exception,), {})
              with pytest.raises(errors.Double):
                  till.pay(1)
              with pytest.raises(doubles.errors.requests.Timeout):
                  till.pay(1)
              with pytest.raises(old.Spent):
                  till.pay(1)
              with pytest.raises(ValueError):
                  till.pay(2)
              with pytest.raises(requests.ConnectionError):
                  till.pay(3)
        `,
        'shop/__init__.py': '',
        'tests/contrib/harbour/test_berths.py': py`
          import pytest
          from harbour import errors

          def test_full(berths):
              with pytest.raises(errors.Full):
                  berths.book(1)
        `,
        'tests/contrib/__init__.py': '',
        'tests/contrib/harbour/__init__.py': '',
        'shop/doubles.py': 'from shop import errors\n',
        'shop/old.py': 'def __getattr__(name):\n    return renamed(name)\n',
        'shop/errors.py': 'import requests\n\nclass Empty(Exception):\n    pass\n\nClosed = Empty\n\nclass Till(Model):\n    pass\n',
      },
    },
  ],
});

/** Does the test assert something of what is caught? Then that says how much it accepts. */
function isLookedAt({ captured, call, owner }: Raises): boolean {
  const name = captured ?? (call.parent?.type === 'assignment' ? call.parent.targets[0]?.text : undefined);
  if (name === undefined || owner === undefined) return false;
  return walk(owner.node).some(
    (it) =>
      it.type === 'attribute' &&
      it.object.text === name &&
      [...ancestors(it)].some((each) => each.type === 'assert' || (each.type === 'call' && isAssertionCall(each))),
  );
}

/** Does the name belong to the package that the file itself is in, and is that one that can be imported? */
function isOfProject(name: string, file: TestFile): boolean {
  const top = name.split('.')[0] ?? '';
  const folders = file.path.split('/').slice(0, -1);
  const at = folders.indexOf(top);
  if (STANDARD_LIBRARY.has(top) || at < 0 || file.exists(top) !== 'yes') return false;
  // `tests/contrib/django`: what is inside a package is not imported by its own name.
  return !folders.slice(0, at).some((it) => file.exists(it) === 'yes');
}

/** Is it there, or is a module that would hold it: the project is open then, and the name is made as it runs, or a library's? */
function isThere(name: string, file: TestFile): boolean {
  if (file.definition(name) !== undefined || file.exists(name) === 'yes') return true;
  for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
    const owner = name.slice(0, end);
    // A package is there with nothing in it, too.
    if (file.exists(owner) === 'yes') return owner.includes('.') || file.membersOf(owner).includes(name.slice(end + 1).split('.')[0] ?? '');
  }
  return false;
}
