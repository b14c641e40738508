import { argument, type Call, constantText, type Expression } from '../model.ts';
import { isOwnFile, isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { CODE_CALLS } from '../python/sinks.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

/** `eval(self.add_host)` where that is `'self.controller._add_host'`: the thing itself. */
function nameInstead(call: Call, text: Expression): { readonly fix?: Fix } {
  const dotted = constantText(text.value)?.trim();
  if (call.callee !== 'builtins.eval' || call.arguments.length !== 1 || dotted === undefined || !/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,6}$/.test(dotted))
    return {};
  return { fix: { title: `Use \`${dotted}\``, safety: 'suggest', edits: [replace(call, dotted)] } };
}

/** What the test wrote itself, through a pipe. */
const PIPE = /pipe|socketpair|fdopen/i;

export const rule = defineRule({
  id: 'evaluated-text',
  code: 'INP001',
  category: 'input',
  title: 'Text evaluated as Python',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [95],
  peers: {
    bandit: ['B307', 'B102'],
    ruff: ['S307', 'S102'],
    semgrep: ['eval-detected', 'exec-detected', 'user-eval'],
    codeql: ['py/code-injection'],
    pylint: ['W0123', 'W0122'],
  },
  why: '`eval` and `exec` do whatever the text says, with the rights of whoever runs the tests.',
  instead: 'Name the thing (`getattr`), or read data with `ast.literal_eval`.',
  limits:
    'A text that a helper is given by its callers is judged once, at the call of `eval`, as a note; so is a file of the repository that `exec` runs, which was reviewed like them.',
  links: ['https://docs.python.org/3/library/functions.html#eval', 'https://docs.python.org/3/library/ast.html#ast.literal_eval'],
  yieldsTo: ['sink-argument-unknown'],
  once: 'file',
  on: 'call',
  calls: (callee) => CODE_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !CODE_CALLS.has(callee)) return;
    const text = argument(call, callee === 'builtins.eval' ? 'expression' : undefined, 0);
    if (text === undefined || text.type === 'string' || file.stubbed(callee, call) !== undefined) return;
    const name = `\`${call.method}\``;
    const outside = outsideOrigin(text, file);
    if (outside !== undefined) {
      yield {
        at: call.place,
        kind: outside.origin.sort === 'command line' ? 'review' : 'fail',
        message: `${name} runs text from ${outside.from}: whoever controls that runs code here`,
        trail: trailOf(outside.origin, outside.from),
      };
      return;
    }
    if (isWrittenHere(text, file)) {
      const where = file.origins(text).every((it) => it.here) ? 'this file' : 'the source';
      yield { at: call.place, kind: 'informational', message: `${name} runs text that is written in ${where}`, ...nameInstead(call, text) };
      return;
    }
    const origins = file.origins(text);
    // `exec(compiler(SOURCE).code)`: what the code under test has compiled, and no text.
    if (callee === 'builtins.exec' && origins.length > 0 && origins.every((it) => it.sort === 'attribute' && it.name.endsWith('().code'))) return;
    const read = origins.find((it) => it.sort === 'file');
    // A program that the source names was reviewed like it, and a helper is mostly told to run what was just written; data needs no `eval`.
    const named =
      callee === 'builtins.exec' &&
      (origins.every((it) => it.sort === 'file' || it.sort === 'constant' || it.sort === 'parameter') || origins.some((it) => it.name === '__file__'));
    if (read !== undefined && !named && !origins.some((it) => isOwnFile(it) || PIPE.test(it.name))) {
      yield {
        at: call.place,
        message: `${name} runs what a file holds: whoever may write that file runs code here`,
        trail: [{ at: read.place, note: 'is read here' }],
      };
      return;
    }
    // A helper's parameter, a code object, a text made by the code under test: the test itself decides.
    yield { at: call.place, kind: 'informational', message: `${name} runs text that this test makes or passes on` };
  },
  examples: [
    {
      name: 'a data file, and the environment',
      bad: py`
        import os
        from pathlib import Path

        LIMITS = eval(Path("limits.txt").read_text())  #! runs what a file holds

        def test_limits():
            name = os.environ["LIMIT"]
            assert eval(f"7 < {name}")  #! runs text from the environment
      `,
    },
    {
      name: 'a file of the repository',
      bad: py`
        from pathlib import Path

        HERE = Path(__file__).parent

        def test_version():
            names = {}
            exec((HERE / "about.py").read_text(), names)  #! text that this test makes or passes on
            assert names["version"]
      `,
    },
    {
      name: 'a name kept in a class attribute',
      bad: py`
        import unittest

        class TestHosts(unittest.TestCase):
            add_host = "self.controller._add_host"

            def test_add(self):
                eval(self.add_host)("a")  #! runs text that is written in this file
      `,
      fixed: py`
        import unittest

        class TestHosts(unittest.TestCase):
            add_host = "self.controller._add_host"

            def test_add(self):
                self.controller._add_host("a")
      `,
    },
    {
      name: 'a text of a module of the workspace',
      bad: {
        'tests/test_hosts.py': py`
          from tests import texts

          exec(texts.prelude("hosts"))  #! runs text that is written in the source
        `,
        'tests/texts.py': py`
          def prelude(name):
              return "NAME = '" + name + "'"
        `,
      },
    },
    {
      name: 'a literal, data, a method of that name, a stub',
      good: py`
        import ast
        from unittest import mock
        from harbour import restricted

        SOURCE = "berths = 3"

        def test_model(model):
            assert eval("1 + 1") == 2
            assert ast.literal_eval(model.text) == {}
            model.eval()
            exec(restricted.compile(SOURCE).code, {})

        @mock.patch("builtins.eval")
        def test_console(evaluated, line):
            eval(line)
      `,
    },
  ],
});
