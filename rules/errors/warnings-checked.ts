import { argument, constantText } from '../model.ts';
import { short } from '../python/inspection.ts';
import { defineRule, py } from '../rule.ts';

const CALLS = /^(?:pytest\.mark\.(?:filterwarnings|xfail)|warnings\.(?:simplefilter|filterwarnings))$/;

export const rule = defineRule({
  id: 'warnings-checked',
  code: 'ERR-S06',
  category: 'errors',
  title: 'warnings are expected by class, made errors, or an expected failure is strict',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A warning that nobody reads is how a weak default stays.',
  limits: 'Filters in configuration files are not read here.',
  links: ['https://docs.pytest.org/en/stable/how-to/capture-warnings.html'],
  on: ['raises', 'call'],
  calls: (callee) => CALLS.test(callee),
  *check(subject) {
    if (subject.type === 'raises') {
      const [expected] = subject.exceptions;
      if (subject.what === 'warns' && expected !== undefined)
        yield { at: expected.place, message: `the warning \`${short(expected.text)}\` is expected by its class` };
      return;
    }
    if (subject.callee === undefined || !CALLS.test(subject.callee)) return;
    const first = argument(subject, undefined, 0);
    const text = constantText(first?.value);
    if (subject.callee === 'pytest.mark.filterwarnings' && text !== undefined && /^error\b/.test(text))
      yield { at: subject.place, message: '`filterwarnings("error")` turns warnings into errors' };
    else if (/^warnings\.(?:simplefilter|filterwarnings)$/.test(subject.callee ?? '') && text === 'error')
      yield { at: subject.place, message: `\`${subject.method}\` turns warnings into errors here` };
    else if (subject.callee === 'pytest.mark.xfail' && argument(subject, 'strict')?.text === 'True')
      yield { at: subject.place, message: '`xfail(strict=True)` fails when the test passes after all' };
  },
  examples: [
    {
      name: 'three ways',
      bad: py`
        import pytest

        @pytest.mark.filterwarnings("error")  #! turns warnings into errors
        def test_strict(shop):
            shop.open()

        @pytest.mark.xfail(strict=True, reason="bug 3")  #! fails when the test passes after all
        def test_later(shop):
            with pytest.warns(DeprecationWarning):  #! is expected by its class
                shop.old()
      `,
    },
    {
      name: 'warnings ignored, a loose xfail',
      good: py`
        import pytest

        @pytest.mark.filterwarnings("ignore")
        def test_loose(shop):
            shop.open()

        @pytest.mark.xfail(reason="bug 3")
        def test_later(shop):
            shop.old()
      `,
    },
    {
      name: 'the same without its line',
      good: py`
        def test_strict(shop):
            shop.open()
            assert shop.is_open
      `,
    },
  ],
});
