import { constantText, type Expression, type TestFile, type Value } from '../model.ts';
import { DESTRUCTIVE_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

const TEMPORARY = /tmp|temp|TESTFN|mkd?stemp|scratch|sandbox|work_?dir|fixture/i;

/** What the path begins with, when that is the home folder, the working folder, the root or the environment. */
function danger(path: Expression, file: TestFile): { readonly what: string; readonly whole: boolean } | undefined {
  const text = constantText(path.value);
  if (text !== undefined) return /^(?:\/|~\/?|\.|\.\.|\*)$/.test(text) ? { what: `\`${text}\``, whole: true } : undefined;
  const start = startOf(path.value);
  if (start === undefined) {
    const environment = file.origins(path).find((it) => it.sort === 'environment');
    return environment === undefined || TEMPORARY.test(path.text) ? undefined : { what: 'a path from the environment', whole: path.value.kind !== 'joined' };
  }
  return { what: start, whole: path.value.kind !== 'joined' };
}

function startOf(value: Value): string | undefined {
  if (value.kind === 'joined') return value.parts[0] === undefined ? undefined : startOf(value.parts[0]);
  if (value.kind === 'result') {
    if (value.name === 'os.getcwd' || value.name === 'pathlib.Path.cwd') return 'the working folder';
    if (value.name === 'pathlib.Path.home') return 'the home folder';
    if (value.name === 'os.path.expanduser' && value.call.arguments[0] !== undefined)
      return /^~/.test(constantText(value.call.arguments[0].value.value) ?? '') ? 'the home folder' : undefined;
  }
  return undefined;
}

export const rule = defineRule({
  id: 'destructive-path',
  code: 'INP006',
  category: 'input',
  title: 'Files removed outside a temporary folder',
  kind: 'review',
  kinds: ['fail', 'review'],
  confidence: 'medium',
  cwe: [73],
  why: 'A wrong or empty value deletes what belongs to the person who runs the tests.',
  instead: 'Work in a folder that the test made: `tmp_path`, `tempfile.TemporaryDirectory`.',
  limits: 'A path whose beginning is not known is not judged.',
  links: ['https://docs.python.org/3/library/shutil.html#shutil.rmtree'],
  on: 'call',
  calls: (callee) => DESTRUCTIVE_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !DESTRUCTIVE_CALLS.has(callee) || file.stubbed(callee, call) !== undefined || file.imports('pyfakefs')) return;
    const recursive = callee === 'shutil.rmtree' || callee === 'os.removedirs';
    const path = callee.startsWith('pathlib.') && call.function.type === 'attribute' ? call.function.object : call.arguments[0]?.value;
    if (path === undefined) return;
    const found = danger(path, file);
    if (found === undefined || (!recursive && found.what === 'the working folder')) return;
    const owner = file.ownerOf(call);
    if (owner !== undefined && (owner.class?.guarantees('home') === 'yes' || owner.parameters.some((it) => /^(?:monkeypatch|fs|tmp_path|tmpdir)$/.test(it))))
      return;
    if (owner !== undefined && /chdir|setenv|TempDir|mkdtemp|mkdir|makedirs|temp_cwd|temp_dir/.test(owner.node.text)) return;
    if (recursive && found.whole) yield { at: call.place, kind: 'fail', message: `\`${call.method}\` removes ${found.what} with all that is in it` };
    else yield { at: call.place, message: `\`${call.method}\` removes something below ${found.what}: did the test make it?` };
  },
  examples: [
    {
      name: 'the working folder, the home folder, the environment',
      bad: py`
        import os
        import shutil
        from pathlib import Path

        def test_clean():
            shutil.rmtree(os.getcwd())  #! removes the working folder with all that is in it
            shutil.rmtree(Path.home() / ".harbour")  #! removes something below the home folder
            shutil.rmtree(os.environ["BUILD"])  #! removes a path from the environment
      `,
    },
    {
      name: 'a folder that the test made, a stub, a known name',
      good: py`
        import shutil
        import tempfile
        from unittest import mock

        def test_clean(tmp_path):
            shutil.rmtree(tmp_path / "x")
            folder = tempfile.mkdtemp()
            shutil.rmtree(folder)
            shutil.rmtree("build")

        @mock.patch("shutil.rmtree")
        def test_stubbed(rmtree):
            shutil.rmtree("/")
      `,
    },
  ],
});
