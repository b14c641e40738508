import { ancestors } from '../model.ts';
import { code } from '../python/patchers.ts';
import { SECURITY_MODULES } from '../python/security-words.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'modules-changed',
  code: 'MCK007',
  category: 'mocking',
  title: '`sys.modules`, `sys.path` or builtins changed by hand',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  peers: { sonar: ['S8997'] },
  why: 'Imports of every later test find the stand-in; with `sys.path` also code that nobody meant to import.',
  instead: 'Use `mock.patch.dict(sys.modules, …)`, `monkeypatch.syspath_prepend`, `monkeypatch.setitem` or `fixtures.PythonPathEntry`.',
  limits: 'A restore that another module does is not seen; what helpers change is not judged.',
  links: [
    'https://docs.python.org/3/library/unittest.mock.html#patch-dict',
    'https://docs.pytest.org/en/stable/reference/reference.html#pytest.MonkeyPatch.syspath_prepend',
  ],
  yieldsTo: ['patched-at-import'],
  once: 'class',
  on: 'change',
  *check(change, file) {
    if (change.sort !== 'sys.modules' && change.sort !== 'sys.path' && change.sort !== 'builtins') return;
    if (change.releases.some((it) => it.how !== 'inline')) return;
    const { owner, node } = change;
    // What is only taken out is imported anew.
    if (node.type === 'delete' || (node.type === 'call' && /^(?:pop|remove|clear)$/.test(node.method))) return;
    if ([...ancestors(node)].some((it) => it.type === 'lambda' || (it.type === 'if' && /__name__/.test(it.test.text)))) return;
    if (owner === undefined) {
      if (change.sort === 'sys.path')
        yield { at: change.place, kind: 'informational', message: '`sys.path` is changed at import, for every test of the process' };
      else if (file.kind === 'conftest' || file.kind === 'test')
        yield { at: change.place, message: `${code(change.key ?? change.target)} is changed at import, for every test of the process` };
      return;
    }
    if (change.releases.length > 0) return; // put back in line
    if (owner.role === 'helper') return; // its callers may put it back
    const top = change.key?.split('.')[0];
    if (change.sort === 'sys.modules' && node.type === 'assignment' && top !== undefined && SECURITY_MODULES.has(top)) {
      yield {
        at: change.place,
        kind: 'fail',
        message: `\`${change.key ?? ''}\` is replaced in \`sys.modules\` and never put back: later tests run without it`,
      };
      return;
    }
    const what = change.sort === 'sys.modules' ? `${change.key === undefined ? '' : `\`${change.key}\` in `}\`sys.modules\`` : code(change.target);
    yield { at: change.place, message: `${what} is changed and never put back: later tests import through it` };
  },
  examples: [
    {
      name: 'a module replaced, a path added',
      bad: py`
        import sys
        from unittest import mock

        def test_hardware():
            sys.modules["hardware"] = mock.MagicMock()
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never put back

        def test_tls():
            sys.modules["ssl"] = None  #! later tests run without it
      `,
    },
    {
      name: 'the search path',
      bad: py`
        import sys

        def test_plugins():
            sys.path.insert(0, "plugins")  #! later tests import through it
      `,
    },
    {
      name: 'put back by what it is written in',
      good: py`
        import sys
        import unittest
        from unittest import mock

        class TestHardware(unittest.TestCase):
            def setUp(self):
                self.saved = sys.modules["hardware"]
                sys.modules["hardware"] = mock.Mock()

            def tearDown(self):
                sys.modules["hardware"] = self.saved

            def test_other(self):
                with mock.patch.dict(sys.modules, {"other": mock.Mock()}):
                    load()

        def test_path(monkeypatch):
            monkeypatch.syspath_prepend("plugins")
      `,
    },
  ],
});
