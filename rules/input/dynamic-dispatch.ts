import { argument, constantText } from '../model.ts';
import { isWrittenHere } from '../python/outside.ts';
import { defineRule, py } from '../rule.ts';

/** Modules that hold dangerous functions. */
const MODULES: ReadonlySet<string> = new Set([
  'os',
  'subprocess',
  'shutil',
  'builtins',
  'pickle',
  'marshal',
  'yaml',
  'importlib',
  'commands',
  'socket',
  'ctypes',
]);

export const rule = defineRule({
  id: 'dynamic-dispatch',
  code: 'INP-U04',
  category: 'input',
  title: 'Which function is called is decided when the test runs',
  kind: 'open',
  confidence: 'high',
  cwe: [470],
  why: 'The call may be a harmless one, or the one that removes files or starts a program.',
  instead: 'Name the functions in a mapping or in parameters: `{"list": os.listdir}[name]()`.',
  limits:
    'Only for modules with dangerous functions: `os`, `subprocess`, `shutil`, `pickle`, `yaml` and the like, and not in a function that is private to the module and used nowhere in it.',
  links: ['https://cwe.mitre.org/data/definitions/470.html'],
  once: 'file',
  on: 'call',
  calls: (_, method) => method === '',
  *check(call, file) {
    const target = call.function;
    if (target.type !== 'call' || target.callee !== 'builtins.getattr') return;
    const module = argument(target, undefined, 0)?.refersTo;
    const name = argument(target, undefined, 1);
    if (module === undefined || !MODULES.has(module) || name === undefined || constantText(name.value) !== undefined || isWrittenHere(name, file)) return;
    // What is private to the module, and named nowhere else in it, nobody calls.
    const owner = file.ownerOf(call);
    if (owner?.role === 'helper' && owner.class === undefined && /^_[^_]/.test(owner.name) && !file.namedElsewhere(owner.name)) return;
    yield { at: call.place, message: `which function of \`${module}\` is called here cannot be seen` };
  },
  examples: [
    {
      name: 'a function by its name',
      bad: py`
        import os

        def call(name, path):
            return getattr(os, name)(path)  #! which function of ${'`os`'} is called here cannot be seen
      `,
    },
    {
      name: 'a private function that is used',
      bad: py`
        import os

        def _blocker(name):
            def block(path):
                return getattr(os, name)(path)  #! which function of ${'`os`'} is called here cannot be seen
            return block

        def test_remove(monkeypatch, made):
            made(_blocker)
      `,
    },
    {
      name: 'a known name, an object of the test, a private function that nobody calls',
      good: py`
        import os

        def _blocker(name):
            def block(path):
                return getattr(os, name)(path)
            return block

        def test_list(client, name):
            getattr(os, "listdir")(".")
            getattr(client, name)()
            for each in ("listdir", "scandir"):
                getattr(os, each)(".")
      `,
    },
  ],
});
