import type { Call, FunctionSubject, Node, Release, Resource, Statement, TestFile } from '../model.ts';
import { ancestors, argument, constantText, statementOf, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { asserts, calledBy, following, isAssertionCall } from '../python/failures.ts';
import { between, canFail, expectedToFail, inOwnedFolder, isCollected, nodeAt, plainStatement, siblingOf } from '../python/leaks.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { defineRule, deleteStatement, type Fix, insertAfter, py } from '../rule.ts';

/** Waiting for these at the end is what the test is about; nothing stays when it is skipped but a moment's work. */
const AWAITED: ReadonlySet<string> = new Set(['thread', 'timer', 'process', 'patcher', 'stub', 'executor', 'temporary descriptor']);

export const rule = defineRule({
  id: 'cleanup-only-at-the-end',
  code: 'RES014',
  category: 'resources',
  title: 'Cleanup only at the end of the test body',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'When an assertion before it fails, the release is skipped, and the leak makes other tests fail as well.',
  instead: 'Register the release with `addCleanup` directly after the acquisition, or use `with` or `finally`.',
  limits:
    'Only a release in the same block as the acquisition is judged; work on the resource itself, or on what it gives, does not count, one that the test looks at after is what it tests, also by asking the code that was given a path once more when that is gone, and a file that is only read is left alone. What only a local name holds and Python closes with it, as a file, a socket or a connection, is a note. A test that asserts in `self.subTest` alone reaches its end.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addCleanup'],
  once: 'class',
  alike: true,
  on: ['resource', 'change'],
  *check(subject, file) {
    const { owner, releases } = subject;
    if (owner?.role !== 'test' || releases.length === 0 || !releases.every((it) => it.how === 'inline')) return;
    const from = subject.type === 'resource' ? subject.call : subject.node;
    if (subject.type === 'resource' && (AWAITED.has(subject.sort) || subject.fate !== 'released')) return;
    if (subject.type === 'change' && subject.sort !== 'working directory' && subject.sort !== 'process state' && subject.sort !== 'module state') return;
    // `sys.stdout` is set back, or is not: that is said where it is replaced.
    if (subject.type === 'resource' && subject.holder?.startsWith('sys.') === true) return;
    if (expectedToFail(from) || (subject.type === 'resource' && (isRead(subject.call) || inOwnedFolder(subject) || isKeptByTheObject(subject)))) return;
    const holder = subject.type === 'resource' ? subject.holder : undefined;
    // `time.tzset()` follows each change of what it reads: the last one is the way back.
    const release = subject.type === 'change' && subject.target === 'time.tzset' ? releases.at(-1) : releases[0];
    if (release?.place === undefined || !isLate(from, releases, holder, owner)) return;
    yield {
      at: release.place,
      ...(subject.type === 'resource' && (isCollected(subject) || subject.sort === 'event loop') ? { kind: 'informational' } : {}),
      message: `\`${release.by}\` is skipped when the test fails before it`,
      trail: [{ at: from.place, note: subject.type === 'resource' ? 'acquired here' : 'changed here' }],
      ...(subject.type === 'resource' ? fixOf(subject, file) : {}),
    };
  },
  examples: [
    {
      name: 'a move is what is tested where its target is removed; the removal of the target is a cleanup',
      bad: py`
        import shutil
        import tempfile

        def test_move():
            source = tempfile.mkdtemp()
            target = tempfile.mkdtemp()
            fill(source)
            shutil.move(source, target)
            shutil.rmtree(target)  #! is skipped when the test fails
      `,
    },
    {
      name: 'behind an assertion',
      bad: py`
        import shutil
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                spool = tempfile.mkdtemp()
                self.assertTrue(spool)
                shutil.rmtree(spool)  #! is skipped when the test fails
      `,
      fixed: py`
        import shutil
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                spool = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, spool)
                self.assertTrue(spool)
      `,
    },
    {
      name: 'behind the call under test',
      bad: py`
        import socket
        from harbour import bus

        def test_port():
            listener = socket.socket()
            bus.listen(port=listener.getsockname()[1])
            listener.close()  #! is skipped
      `,
    },
    {
      name: 'asserted before it, or nobody is asked again',
      bad: py`
        import shutil
        import tempfile
        from harbour import berths

        def test_taken():
            folder = tempfile.mkdtemp()
            assert berths.take(folder, "wheat")
            shutil.rmtree(folder)  #! is skipped when the test fails before it; 1 more of its kind: line 14
            assert berths.prune()

        def test_load():
            spool = tempfile.mkdtemp()
            loaded = berths.load(spool)
            shutil.rmtree(spool)
            assert loaded.count() == 0
      `,
    },
    {
      name: 'what is tried, and may fail without a word, ends nothing',
      good: py`
        import os
        import tempfile

        def test_warned(caplog):
            with tempfile.NamedTemporaryFile("w", delete=False) as file:
                file.write("ship")
            try:
                harbour.connect(file.name)
            except Exception:
                pass
            os.unlink(file.name)
            assert "no list" in caplog.text
      `,
    },
    {
      name: 'what is tried, and fails all the same',
      bad: py`
        import os
        import tempfile
        import pytest

        def test_refused():
            handle, path = tempfile.mkstemp()
            os.close(handle)
            try:
                harbour.connect(path)
            except ValueError:
                pass
            os.unlink(path)  #! fails before it; 2 times, also line 22

        def test_failed():
            handle, path = tempfile.mkstemp()
            os.close(handle)
            try:
                harbour.connect(path)
                pytest.fail("let in")
            except Exception:
                pass
            os.unlink(path)
      `,
    },
    {
      name: 'the clock of the process, set several times',
      bad: py`
        import time

        def test_zones(use, harbour):
            use("Asia/Kabul")
            time.tzset()
            assert harbour.zone() == "+0430"
            use("Asia/Seoul")
            time.tzset()
            assert harbour.zone() == "+0900"
            use("UTC")
            time.tzset()  #! is skipped when the test fails before it
      `,
    },
    {
      name: 'what is released is used after it',
      good: py`
        import pytest
        import socket
        from harbour import bus

        def test_closed():
            listener = socket.socket()
            channel = bus.channel()
            listener.close()
            with pytest.raises(OSError):
                channel.send(listener)
      `,
    },
    {
      name: 'the code is asked again when what it was given is gone',
      good: py`
        import os
        import tempfile
        from harbour import berths

        def test_prune():
            folder = tempfile.mkdtemp()
            berths.take(folder, "wheat")
            os.rmdir(folder)
            gone = berths.prune()
            assert gone == ["wheat"]
      `,
    },
    {
      name: 'nothing in between that could fail, or released on every path',
      good: py`
        import gzip
        import os
        import shutil
        import sqlite3
        import sys
        import tempfile
        import unittest

        class TestIdentity(unittest.TestCase):
            def setUp(self):
                self.files = set()

            def tearDown(self):
                for path in self.files:
                    harbour.forget(path)

            def test_replaced(self):
                before = harbour.identity(self.path)
                handle, path = tempfile.mkstemp()
                self.files.add(path)
                with os.fdopen(handle, 'w') as spool:
                    spool.write('wheat')
                os.replace(path, self.path)
                self.assertNotEqual(before, harbour.identity(self.path))

        class TestSpool(unittest.TestCase):
            def test_packed(self):
                packed = gzip.GzipFile('report.gz')
                self.assertEqual(b'tide', packed.read(4))
                packed.close()

            def test_save(self):
                report = open('report.txt', 'wb')
                report.write(CARGO.encode())
                report.close()
                self.assertTrue(os.path.exists('report.txt'))

            def test_rows(self):
                database = sqlite3.connect('berths.db')
                cursor = database.cursor()
                berths = cursor.execute('SELECT id FROM berths').fetchall()
                database.close()
                self.assertEqual(berths, [])

            def test_descriptor(self):
                descriptor, path = tempfile.mkstemp()
                os.close(descriptor)
                os.unlink(path)

            def test_read(self):
                stored = open('report.txt')
                self.assertTrue(load(stored))
                stored.close()

            def test_below(self):
                report = tempfile.NamedTemporaryFile(dir=self.folder.name, delete=False)
                report.close()
                self.assertTrue(harbour.load(report.name))
                os.unlink(report.name)

            def test_parts(self):
                parts = tempfile.mkdtemp()
                harbour.save(parts, [])
                with self.subTest('empty'):
                    self.assertEqual(harbour.load(parts), [])
                shutil.rmtree(parts)

            def test_shown(self):
                before = sys.stdout
                sys.stdout = open('shown.txt', 'w')
                self.assertTrue(harbour.show())
                sys.stdout.close()
                sys.stdout = before

            def test_finally(self):
                spool = tempfile.mkdtemp()
                try:
                    self.assertTrue(spool)
                finally:
                    os.rmdir(spool)
      `,
    },
  ],
});

/** `self.files.add(path)`: what goes through them at the end removes it as well, and what the test does with it is its own. */
function isKeptByTheObject({ holder, owner }: Resource): boolean {
  if (holder === undefined || owner === undefined) return false;
  return walk(owner.node).some(
    (it) =>
      it.type === 'call' &&
      /^(?:add|append)$/.test(it.method) &&
      /^(?:self|cls)\./.test(it.function.text) &&
      it.arguments.some(({ value }) => value.text === holder),
  );
}

/** Registers the release where the resource is acquired, and takes the one at the end away. */
function fixOf({ call, holder, releases, owner }: Resource, file: TestFile): { fix?: Fix } {
  const [release] = releases;
  const node = owner === undefined || releases.length !== 1 ? undefined : nodeAt(release?.place, owner.node);
  const stop = node === undefined ? undefined : statementOf(node);
  const statement = plainStatement(call);
  if (node?.type !== 'call' || stop === undefined || statement === undefined || calledBy(stop) !== node || stop.type !== 'expression') return {};
  if (stop.expression.type === 'await' || node.text.includes('\n')) return {};
  // The cleanup takes its arguments now: only what cannot change until then.
  if (!node.arguments.every((it) => it.unpack === undefined && (it.value.text === holder || it.value.value.kind === 'constant'))) return {};
  const given = node.arguments.map((it) => `${it.keyword === undefined ? '' : `${it.keyword}=`}${it.value.text}`);
  const line = registration(call, owner, [node.function.text, ...given].join(', '), file);
  if (line === undefined) return {};
  // What comes after the release may rely on it.
  const last = owner?.node.body.at(-1) === stop;
  return {
    fix: {
      title: `Register \`${node.function.text}\` as a cleanup`,
      safety: last ? 'safe' : 'suggest',
      edits: [insertAfter(statement, line), deleteStatement(stop)],
    },
  };
}

/** A file that is only read: a handle of a failing test that goes with it. */
function isRead(call: Call): boolean {
  if (!/^(?:builtins|io|gzip|bz2|lzma)\.(?:open|GzipFile|BZ2File|LZMAFile)$/.test(call.callee ?? '')) return false;
  const mode = argument(call, 'mode', 1);
  return mode === undefined || /^r[bt]?$/.test(constantText(mode.value) ?? '');
}

/** Is what was released looked at after it: is the release what is tested? */
function isUsedClosed(release: Statement, holder: string): boolean {
  for (const it of following(release)) {
    if (it.type === 'assignment' && it.targets.some((each) => each.text === holder)) return false;
    if (walk(it).some((each) => (each.type === 'name' || each.type === 'attribute') && each.text === holder)) return true;
  }
  return false;
}

/**
 * `harbour.enter(folder)`, `rmtree(folder)`, `gone = harbour.prune()`, `assert gone`: with nothing asserted before it, that the path is gone is what
 * the test is about.
 */
function isAskedAgain(path: string, inside: readonly Statement[], removal: Statement): boolean {
  if (asserts(inside)) return false;
  const told = new Set(
    inside.flatMap((it) =>
      walk(it).flatMap((each) => (each.type === 'call' && each.arguments.some(({ value }) => value.text === path) ? (ownerOf(each) ?? []) : [])),
    ),
  );
  if (told.size === 0) return false;
  const after = [...following(removal)];
  const asked = after.findIndex((it) => walk(it).some((each) => each.type === 'call' && told.has(ownerOf(each) ?? '')));
  return asked >= 0 && asserts(after.slice(asked));
}

/** The module or object that a call of the code under test is of. */
function ownerOf(call: Call): string | undefined {
  const { callee } = call;
  if (callee === undefined || isAssertionCall(call)) return undefined;
  const owner = callee.slice(0, Math.max(0, callee.lastIndexOf('.')));
  return owner === '' || STANDARD_LIBRARY.has(owner.split('.')[0] ?? owner) ? undefined : owner;
}

/** Does all that the test asserts stand in parts of their own, which let nothing out that fails in them? */
function isInParts(inside: readonly Statement[]): boolean {
  const others = inside.filter((it) => !isOwnSubTest(it));
  return (
    others.length < inside.length &&
    !others.some((it) => walk(it).some((each) => each.type === 'assert' || (each.type === 'call' && /^assert/.test(each.method))))
  );
}

/** `with self.subTest(…):` */
function isOwnSubTest(it: Statement): boolean {
  return it.type === 'with' && it.items.some(({ context }) => context.type === 'call' && context.function.text === 'self.subTest');
}

/** Work that runs nothing of the test. */
const PLAIN = /^(?:connect|bind|settimeout|setsockopt|write\w*|send\w*)$/;

/** Does something that can fail stand between the acquisition and every release of it? */
function isLate(from: Node, releases: readonly Release[], holder: string | undefined, owner: FunctionSubject): boolean {
  const start = statementOf(from);
  if (start === undefined) return false;
  const names = holder === undefined ? [] : [holder];
  const isOn = (call: Call): boolean => names.some((it) => call.function.text.startsWith(`${it}.`));
  const onItself = (call: Call): boolean =>
    isOn(call) ||
    (call.callee?.startsWith('os.') === true && call.arguments.some((it) => names.includes(it.value.text))) ||
    [...ancestors(call)].some((it) => it.type === 'call' && isOn(it) && PLAIN.test(it.method));
  for (const it of releases) {
    const node = nodeAt(it.place, owner.node);
    const end: Statement | undefined = node === undefined ? undefined : siblingOf(node, start);
    if (end === undefined || end === start || node === undefined || statementOf(node) !== end) return false;
    // `io.open(sock.detach())` hands it on.
    if (node.type === 'call' && calledBy(end) !== node) return false;
    if (holder !== undefined && isUsedClosed(end, holder)) return false;
    // `shutil.move(source, target)`, `rmtree(target)`: the move is what is tested.
    const target = node.type === 'call' && /^(?:move|rename|replace)$/.test(node.method) ? node.arguments[1]?.value.text : undefined;
    if (
      target !== undefined &&
      [...following(end)].some((each) => /^(?:rmtree|remove|unlink)$/.test(calledBy(each)?.method ?? '') && each.text.includes(target))
    )
      return false;
    const inside = between(start, end);
    // A cursor is the connection that it is of.
    for (const each of inside ?? [])
      if (each.type === 'assignment' && each.value?.type === 'call' && isOn(each.value)) names.push(...each.targets.map((target) => target.text));
    if (inside === undefined || !inside.some((each) => canFail(each, onItself)) || isInParts(inside)) return false;
    if (
      holder !== undefined &&
      /^(?:rmtree|rmdir|removedirs|remove|unlink)$/.test(node.type === 'call' ? node.method : '') &&
      isAskedAgain(holder, inside, end)
    )
      return false;
  }
  return true;
}
