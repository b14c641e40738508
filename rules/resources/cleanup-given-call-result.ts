import { argument } from '../model.ts';
import { CLEANUP_REGISTRARS } from '../python/resources.ts';
import { defineRule, py, replace } from '../rule.ts';

const RELEASES =
  /^(?:close|aclose|stop|cleanup|clean_up|cleanUp|clear|remove|rmtree|rmdir|unlink|shutdown|terminate|kill|join|reset|restore|delete|disconnect|quit|dispose|destroy|uninstall|disable|release|tearDown|server_close|cancel|unsubscribe|chdir|flush|stopall)$/;

export const rule = defineRule({
  id: 'cleanup-given-call-result',
  code: 'RES015',
  category: 'resources',
  title: 'addCleanup given a call result',
  kind: 'fail',
  confidence: 'high',
  cwe: [628],
  why: 'The call runs now, so the resource is gone before the test uses it, and at the end `None` is called instead.',
  instead: 'Pass the function and its arguments: `addCleanup(shutil.rmtree, path)`.',
  limits: 'A function that is not found in the workspace is judged by its name; only names of releasing calls count.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addCleanup'],
  on: 'call',
  calls: (_, method) => CLEANUP_REGISTRARS.has(method),
  *check(call, file) {
    if (!CLEANUP_REGISTRARS.has(call.method) || call.function.type !== 'attribute') return;
    const given = argument(call, 'function', 0) ?? argument(call, 'finalizer', 0);
    if (given?.type !== 'call' || file.rejected(call)) return;
    const callee = given.callee;
    const definition = callee === undefined ? undefined : file.definition(callee);
    if (definition !== undefined ? definition.returns || definition.kind !== 'function' : !RELEASES.test(given.method)) return;
    if (callee?.startsWith('unittest.mock.') && !callee.endsWith('.stop') && !callee.endsWith('.stopall')) return;
    const text = given.function.text.replace(/\s+/g, ' ');
    const plain = given.arguments.every((it) => it.unpack === undefined) && call.arguments.length === 1;
    yield {
      at: given.place,
      message: `\`${text.length > 50 ? given.method : text}\` runs here, at once; nothing is left to call when the test ends`,
      ...(plain
        ? {
            fix: {
              title: 'Pass the function instead of calling it',
              // A test that registers nothing callable fails when its cleanups run: there is none to be changed that passes.
              safety: 'safe',
              edits: [
                replace(
                  given,
                  [given.function.text, ...given.arguments.map((it) => (it.keyword === undefined ? it.value.text : `${it.keyword}=${it.value.text}`))].join(
                    ', ',
                  ),
                ),
              ],
            },
          }
        : {}),
    };
  },
  examples: [
    {
      name: 'closed before the test begins',
      bad: py`
        import unittest
        from harbour import client

        class TestClient(unittest.TestCase):
            def setUp(self):
                self.client = client.Client()
                self.addCleanup(self.client.close())
                #               ^^^^^^^^^^^^^^^^^^^ runs here, at once
      `,
      fixed: py`
        import unittest
        from harbour import client

        class TestClient(unittest.TestCase):
            def setUp(self):
                self.client = client.Client()
                self.addCleanup(self.client.close)
      `,
    },
    {
      name: 'with arguments',
      bad: py`
        import shutil

        def spool(request, tmp_path):
            request.addfinalizer(shutil.rmtree(tmp_path))
            #                    ^^^^^^^^^^^^^^^^^^^^^^^ runs here
      `,
    },
    {
      name: 'a function of the workspace that gives nothing back',
      bad: {
        'tests/unit/test_spool.py': py`
          import unittest
          from tests import spool

          class TestSpool(unittest.TestCase):
              def setUp(self):
                  self.addCleanup(spool.forget('calypso'))  #! runs here
        `,
        'tests/spool.py': py`
          def forget(name):
              print(name)
        `,
      },
    },
    {
      name: 'calls that give a function',
      good: {
        'tests/unit/test_spool.py': py`
          import functools
          import unittest
          from tests import spool

          class TestSpool(unittest.TestCase):
              def setUp(self):
                  self.addCleanup(functools.partial(print, 'done'))
                  self.addCleanup(spool.cleanup())
                  self.addCleanup(self.make_cleanup())
                  self.addCleanup(spool.close, 'calypso')
        `,
        'tests/spool.py': py`
          def cleanup():
              def remove():
                  pass
              return remove
        `,
      },
    },
  ],
});
