import { ancestors, type FunctionDefinition, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const PARAMETERS: ReadonlySet<string> = new Set(['tmp_path', 'tmp_path_factory', 'tmpdir', 'tmpdir_factory', 'fs']);
const FIXTURES: ReadonlySet<string> = new Set(['fixtures.TempDir', 'fixtures.NestedTempfile', 'fixtures.TempHomeDir']);

export const rule = defineRule({
  id: 'managed-temporary-files',
  code: 'RES-S05',
  category: 'resources',
  title: 'Temporary files in a managed directory',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: "Every run gets a directory of its own that nobody else can guess, and it is removed without the test's doing.",
  instead: 'Keep using `tmp_path` or `fixtures.TempDir`.',
  limits: 'pytest keeps the last three directories for a look after a failure. A directory that the test never speaks of is no evidence.',
  links: ['https://docs.pytest.org/en/stable/how-to/tmp_path.html'],
  once: 'class',
  on: ['function', 'call'],
  calls: (callee) => FIXTURES.has(callee),
  wants: (it) => it.type === 'call' || it.node.parameters.some((each) => PARAMETERS.has(each.name)),
  *check(subject) {
    if (subject.type === 'function subject') {
      if (subject.role !== 'test' && subject.role !== 'fixture') return;
      for (const it of subject.node.parameters) {
        if (it.star !== '' || !PARAMETERS.has(it.name) || (it.name !== 'fs' && !speaksOf(it.name, subject.node))) continue;
        yield {
          at: it.place,
          message: it.name === 'fs' ? '`fs` keeps files in memory' : `\`${it.name}\` is a directory that pytest makes for the test and removes`,
        };
      }
      return;
    }
    if (subject.callee === undefined || !FIXTURES.has(subject.callee)) return;
    for (const it of ancestors(subject)) {
      if (it.type === 'with' || (it.type === 'call' && it.method === 'useFixture')) {
        yield { at: subject.place, message: `\`${subject.method}\` removes its directory when the test ends` };
        return;
      }
      if (it.type === 'function') return;
    }
  },
  examples: [
    {
      name: 'a parameter of a test',
      bad: py`
        def test_save(tmp_path):
            #         ^^^^^^^^ pytest makes
            assert tmp_path.exists()
      `,
    },
    {
      name: 'a fixture in use',
      bad: py`
        import fixtures
        import testtools

        class TestSpool(testtools.TestCase):
            def test_save(self):
                spool = self.useFixture(fixtures.TempDir()).path  #! removes its directory
                self.assertTrue(spool)
      `,
    },
    {
      name: 'neither',
      good: py`
        def save(tmp_path):
            return tmp_path / 'spool'

        def test_save(path):
            # tmp_path
            assert path

        def test_load(tmpdir, load):
            assert load('tmpdir')
      `,
    },
  ],
});

function speaksOf(name: string, { body }: FunctionDefinition): boolean {
  return body.some((statement) => walk(statement).some((it) => it.type === 'name' && it.id === name));
}
