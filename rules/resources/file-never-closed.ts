import { argument, type Call, constantText } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { leakOf, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'file-never-closed',
  code: 'RES005',
  category: 'resources',
  title: 'File opened without guaranteed close',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [775],
  peers: { ruff: ['SIM115'], pylint: ['R1732'], codeql: ['py/file-not-closed'], semgrep: ['open-never-closed'], sonar: ['S7515'] },
  why: 'What was written may not be on disk when the test reads it, and on some systems the file cannot be removed while it is open.',
  instead: 'Open it in a `with`, or register `close` as a cleanup.',
  limits:
    'A file given to another function is taken to be its business. A one-liner like `open(p).read()` is a note: CPython closes it at once; and so is a ZIP or tar archive that a local name holds for reading. Nothing is said of the file system of pyfakefs.',
  links: ['https://docs.python.org/3/library/functions.html#open'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource', 'kept-temporary-file-never-deleted'],
  once: 'file',
  alike: true,
  on: 'resource',
  *check(resource, file) {
    if (resource.sort !== 'file' || file.ownProcess) return;
    const { call, holder, owner } = resource;
    if (leakOf(resource) !== 'review' || (file.expected(call) && holder === undefined)) return;
    if (holder === undefined) {
      yield { at: call.place, kind: 'informational', message: `\`${shown(call)}\` is closed by the garbage collector only` };
      return;
    }
    const statement = plainStatement(call);
    const line = registration(call, owner, `${holder}.close`, file);
    yield {
      at: call.place,
      ...(isArchiveToRead(call) && !holder.includes('.') ? { kind: 'informational' } : {}),
      message: `nothing closes what \`${shown(call)}\` opens as \`${holder}\``,
      ...(statement === undefined || line === undefined
        ? {}
        : { fix: { title: `Register \`${holder}.close\` as a cleanup`, safety: 'safe', edits: [insertAfter(statement, line)] } }),
    };
  },
  examples: [
    {
      name: 'never closed',
      bad: py`
        def test_report(tmp_path):
            report = open(tmp_path / 'report.txt')  #! nothing closes
            assert report.readline() == 'MV Calypso'
      `,
    },
    {
      name: 'a note in what is given to a library, with imports of its own: it may run on a server',
      bad: py`
        import threading

        def test_report(session):
            def read(name):
                import sys
                report = open(sys.path[0] + name)  #! nothing closes what ${'`open` opens as `report` (need not run here: `session.udf.register`'}
                return report.read()

            session.udf.register(read)
            assert session.call("read", "report.txt")

        def test_thread():
            def read():
                import sys
                report = open(sys.path[0] + "/report.txt")  #! nothing closes
                return report.readline()

            threading.Thread(target=read, daemon=True).start()
      `,
      alsoFinds: ['RES018'],
    },
    {
      name: 'never closed in a test case',
      bad: py`
        import unittest

        class TestReport(unittest.TestCase):
            def test_report(self):
                report = open('report.txt')
                #        ^^^^^^^^^^^^^^^^^^ nothing closes
                self.assertEqual('MV Calypso', report.readline())
      `,
      fixed: py`
        import unittest

        class TestReport(unittest.TestCase):
            def test_report(self):
                report = open('report.txt')
                self.addCleanup(report.close)
                self.assertEqual('MV Calypso', report.readline())
      `,
    },
    {
      name: 'a one-liner is a note',
      bad: py`
        def test_report():
            text = open('report.txt').read()  #! garbage collector
            assert text
      `,
    },
    {
      name: 'an archive to read is a note',
      bad: py`
        import tarfile
        import zipfile

        def test_packed(packed):
            archive = zipfile.ZipFile(packed)  #! nothing closes ${'what `zipfile.ZipFile` opens as `archive`; 1 more'}
            assert archive.namelist() == ['report.txt']

        def test_tar(packed):
            archive = tarfile.open(packed, "r:gz")
            assert archive.getnames() == ['report.txt']
      `,
    },
    {
      name: 'in a file system that is none',
      good: py`
        import pytest

        @pytest.fixture
        def folder(fs):
            return fs.create_dir('/reports')

        def test_report(folder):
            report = open('/reports/report.txt', 'w')
            assert report.write('MV Calypso')
      `,
    },
    {
      name: 'closed by somebody',
      good: py`
        import contextlib
        import gzip
        import io
        import unittest
        from unittest import mock

        class TestReport(unittest.TestCase):
            def test_report(self):
                report = self.enterContext(open('report.txt'))
                other = open('other.txt')
                self.addCleanup(other.close)
                with contextlib.ExitStack() as stack:
                    third = stack.enter_context(open('third.txt'))
                    self.assertTrue(report and third)
                with open('fourth.txt') as fourth, contextlib.closing(io.StringIO()):
                    fourth.read()
                open('fifth.txt', 'w').close()
                with open('sixth.gz', 'rb') as packed:
                    self.assertTrue(gzip.open(packed).read())

            @mock.patch('builtins.open')
            def test_stubbed(self, opened):
                sixth = open('sixth.txt')
                self.assertIs(opened.return_value, sixth)

            def test_refused(self):
                with self.assertRaises(OSError):
                    seventh = open('/nowhere/at/all')
      `,
    },
    {
      name: 'given to who asked for it',
      good: py`
        def opened(name):
            report = open(name)
            return report
      `,
    },
  ],
});

/** `zipfile.ZipFile(path)`, `tarfile.open(path, 'r:gz')` */
function isArchiveToRead(call: Call): boolean {
  const mode = argument(call, 'mode', 1);
  return ARCHIVES.test(call.callee ?? '') && (mode === undefined || constantText(mode.value)?.startsWith('r') === true);
}

const ARCHIVES = /^(?:zipfile\.ZipFile|tarfile\.(?:open|TarFile(?:\.(?:tar)?open)?))$/;
