import type { Resource, TestFile } from '../model.ts';
import { shown } from '../python/leaks.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'owner-unknown',
  code: 'RES-U02',
  category: 'resources',
  title: 'Resource handed to a function that was not found',
  kind: 'open',
  confidence: 'medium',
  cwe: [],
  why: 'The function may close what it is given, or leave that to the test.',
  instead: 'Open the folder that holds it, or close the resource where it was opened.',
  limits:
    'Functions of packages that the project requires do what their documentation says, and so do those of the library that the resource is of, also through a base class of the workspace (`Base.metadata.create_all` of SQLAlchemy); those that a module makes as it runs are not looked for.',
  links: [],
  on: 'resource',
  *check(resource, file) {
    const { call, handedTo, fate, sort } = resource;
    if (fate !== 'handed on' || handedTo === undefined || sort === 'patcher' || sort === 'stub' || sort.startsWith('temporary')) return;
    if (!isUnknown(resource, file)) return;
    yield { at: handedTo.place, message: `\`${shown(handedTo)}\` was not found: whether it closes what \`${shown(call)}\` opens is not known` };
  },
  examples: [
    {
      name: 'a helper from elsewhere',
      bad: py`
        from elsewhere import helpers

        def test_report():
            report = open('report.txt')
            helpers.check(report)  #! was not found
      `,
    },
    {
      name: 'found in the workspace, or of the standard library',
      good: {
        'tests/unit/test_report.py': py`
          import csv
          import sqlite3
          import quays.frames as qf
          import sqlalchemy as sa
          from harbour.tables import Base, Older
          from tests import helpers
          from tests.kinds import is_text

          def test_report():
              report = open('report.txt')
              helpers.check(report)

          def test_kind():
              assert is_text(open('report.txt'))

          def test_indexes():
              engine = sa.create_engine('sqlite://')
              assert sa.inspect(engine).get_indexes('rows') == []

          def test_tables():
              engine = sa.create_engine('sqlite://')
              Base.metadata.create_all(engine)

          def test_older_tables():
              engine = sa.create_engine('sqlite://')
              Older.metadata.create_all(engine)

          def test_frames():
              store = sqlite3.connect(':memory:')
              assert qf.read_sql('select 1', store) == [1]

          def test_rows():
              with open('rows.csv') as rows:
                  assert list(csv.reader(rows))
        `,
        'requirements.txt': 'quays>=2.0\n',
        'tools/ci/pyproject.toml': '[tool.poetry.dependencies]\npython = ">=3.12"\ntidesfile = "*"\n',
        'tools/ci/tests/test_settings.py': py`
          import tidesfile

          def test_settings():
              settings = open('settings.toml')
              assert tidesfile.load(settings)
        `,
        'harbour/tables.py': py`
          from sqlalchemy.orm import DeclarativeBase, declarative_base

          class Base(DeclarativeBase):
              pass

          Older = declarative_base()
        `,
        'tests/kinds.py': py`
          for kind in ("text", "image"):
              globals()["is_" + kind] = lambda file: file.read() == kind
        `,
        'tests/helpers.py': py`
          def check(report):
              with report:
                  return report.read()
        `,
      },
    },
  ],
});

/** What the `MetaData` of a declarative base does with an engine. Source: docs.sqlalchemy.org 2.0, MetaData. */
const OF_TABLES = /^(.{1,300})\.metadata\.(?:create_all|drop_all|reflect)$/;

/** Only a function imported from a module that is neither in the workspace nor a known library can be "not found". */
function isUnknown({ call, handedTo }: Resource, file: TestFile): boolean {
  const callee = handedTo?.callee;
  if (callee === undefined || callee.includes('(') || callee.startsWith('builtins.')) return false;
  const top = callee.split('.')[0] ?? callee;
  // What a library gives to itself, its documentation tells; a mock library only replaces what it is given.
  if (call.callee?.startsWith(`${top}.`) === true || top === 'flexmock') return false;
  if (STANDARD_LIBRARY.has(top) || !callee.includes('.') || callee.includes('<locals>') || /\.[A-Z]\w*$/.test(callee)) return false;
  const declared = OF_TABLES.exec(callee)?.[1];
  if (declared !== undefined && call.callee?.startsWith('sqlalchemy.') === true && file.exists(declared) === 'yes') return false;
  // A module of the workspace may make its functions as it runs: `globals()[name] = …`.
  const isInSight = () => file.project.requires(top) || file.exists(callee.slice(0, callee.lastIndexOf('.'))) === 'yes';
  return file.imports(top) && file.definition(callee) === undefined && !isInSight();
}
