import type { FunctionDefinition, Node, Statement, TestFile } from '../model.ts';
import { ancestors, statementOf, walk } from '../model.ts';
import { blockAround, blocksOf } from '../python/blocks.ts';
import { defineRule, type Fix, insertBefore, py, replace } from '../rule.ts';

const MANAGERS: ReadonlySet<string> = new Set(['contextlib.contextmanager', 'contextlib.asynccontextmanager']);
const RELEASES =
  /^(?:close|aclose|stop|clean_?up\w*|clear|remove|rmtree|rmdir|unlink|shutdown|terminate|kill|join|reset\w*|restore\w*|delete\w*|disconnect|dispose|destroy|uninstall|disable|release|tear_?down|server_close|cancel|unset\w*|undo|chdir|setattr|delattr|setlocale|signal|pop|__exit__|unregister\w*)$/i;

export const rule = defineRule({
  id: 'context-manager-without-finally',
  code: 'RES017',
  category: 'resources',
  title: 'Helper context manager without try/finally',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [459],
  peers: { pylint: ['W0135'] },
  why: 'When the body of the `with` fails, the exception comes out of the `yield` and what stands behind it is skipped.',
  instead: 'Put the `yield` into `try` and the release into `finally`.',
  limits:
    'Only calls with names of releases, and assignments beyond the function of what it has assigned before, count as a release. Where it is a method of some object, or an attribute of a parameter, which may end with the test, it is a note; so is a removal where the tear-down of the class removes a folder.',
  links: ['https://docs.python.org/3/library/contextlib.html#contextlib.contextmanager'],
  on: 'function',
  wants: ({ generator, decorators }) => generator && decorators.length > 0,
  *check(subject, file) {
    if (!subject.decorators.some((it) => it !== undefined && MANAGERS.has(it)) || !subject.generator) return;
    const yielded = [...walk(subject.node)].filter((it) => it.type === 'yield');
    const [only] = yielded;
    if (only === undefined || yielded.length > 1 || protectedBy(only, subject.node)) return;
    const release = behind(only, subject.node).find((it) => isRelease(it, subject.node));
    if (
      release === undefined ||
      (subject.class?.isTest === true && isOfTest(release)) ||
      isOfMock(release, subject.node) ||
      isBelowTestFolder(release, subject.node)
    )
      return;
    yield {
      at: release.place,
      ...(isLasting(release, subject.parameters) && !isRemovedAfterwards(release, subject.node, file) ? {} : { kind: 'informational' }),
      message: 'skipped when the body of the `with` fails: the `yield` before it is not in `try`/`finally`',
      trail: [{ at: only.place, note: 'an exception comes out here' }],
      ...fixOf(only, subject.node),
    };
  },
  examples: [
    {
      name: 'a release behind a bare yield',
      bad: py`
        import contextlib
        import os

        @contextlib.contextmanager
        def folder(path):
            before = os.getcwd()
            os.chdir(path)
            yield
            os.chdir(before)  #! skipped when the body
      `,
      fixed: py`
        import contextlib
        import os

        @contextlib.contextmanager
        def folder(path):
            before = os.getcwd()
            os.chdir(path)
            try:
                yield
            finally:
                os.chdir(before)
      `,
      alsoFinds: ['RES021'],
    },
    {
      name: 'the tear-down of the class removes a folder: a note, but for a path of its own',
      bad: py`
        import contextlib
        import os
        import shutil
        import tempfile
        import unittest

        class TestShelf(unittest.TestCase):
            def setUp(self):
                self.folder = tempfile.mkdtemp()
                self.shelf = harbour.Shelf(self.folder)

            def tearDown(self):
                shutil.rmtree(self.folder)

            def test_stray(self):
                @contextlib.contextmanager
                def files(shelf, names):
                    fill(shelf.path, names)
                    yield
                    shutil.rmtree(shelf.path, ignore_errors=True)  #! skipped when the body

                with files(self.shelf, ["log"]):
                    self.assertTrue(self.shelf.open())

            def test_settings(self):
                @contextlib.contextmanager
                def settings():
                    fill("shelf.ini")
                    yield
                    os.remove("shelf.ini")  #! skipped when the body

                with settings():
                    self.assertTrue(self.shelf.open())
      `,
    },
    {
      name: 'finally, nothing to release, or a pytest fixture',
      good: py`
        import contextlib
        import os
        import pytest
        import unittest

        @contextlib.contextmanager
        def folder(path):
            before = os.getcwd()
            os.chdir(path)
            try:
                yield
            finally:
                os.chdir(before)

        @contextlib.asynccontextmanager
        async def lifespan(harbour):
            state.is_open = True
            yield
            state.is_closed = True

        @contextlib.contextmanager
        def counted(calls):
            yield calls
            assert calls

        class TestPorts(unittest.TestCase):
            @contextlib.contextmanager
            def port(self, device):
                self.ports[device] = device
                yield
                del self.ports[device]

        @contextlib.contextmanager
        def session(maker):
            it = maker()
            yield it
            it.close()
            assert it.mock_calls == maker.mock_calls

        @contextlib.contextmanager
        def requirements(text, tmp_path):
            path = tmp_path / "reqs.txt"
            path.write_text(text)
            yield path
            path.unlink()

        @pytest.fixture
        def client():
            it = make_client()
            yield it
            it.close()
      `,
    },
  ],
});

function protectedBy(it: Node, owner: FunctionDefinition): boolean {
  for (const each of ancestors(it)) {
    if (each === owner) return false;
    if (each.type === 'try' && (each.final.length > 0 || each.handlers.length > 0)) return true;
    if (each.type === 'with' || each.type === 'function') return true;
  }
  return false;
}

/** Statements that run after a node, in its block and those around it. */
function behind(it: Node, owner: FunctionDefinition): Statement[] {
  const result: Statement[] = [];
  let statement = statementOf(it);
  while (statement !== undefined && statement !== owner) {
    const here = statement;
    for (const block of blocksOf(here.parent)) {
      const index = block.indexOf(here);
      if (index >= 0) result.push(...block.slice(index + 1));
    }
    statement = here.parent === undefined ? undefined : statementOf(here.parent);
  }
  return result;
}

/** `del self.ports[device]`, `self.port = before`: what the object of a test holds goes with it. */
function isOfTest(release: Statement): boolean {
  const targets = release.type === 'delete' ? release.operands : release.type === 'assignment' ? release.targets : [];
  return targets.length > 0 && targets.every((it) => it.text.startsWith('self.'));
}

/** What is released is a stand-in: the function asks it for its calls. */
function isOfMock(release: Statement, owner: FunctionDefinition): boolean {
  const call = release.type === 'expression' && release.expression.type === 'call' ? release.expression : undefined;
  const held = call?.function.type === 'attribute' ? call.function.object.text : undefined;
  return (
    held !== undefined &&
    walk(owner).some((it) => it.type === 'attribute' && it.object.text === held && /^(?:mock_calls|method_calls|assert_\w+)$/.test(it.name))
  );
}

/** The tear-down of the class around removes a folder, and with it mostly what lies below. */
function isRemovedAfterwards(release: Statement, helper: FunctionDefinition, file: TestFile): boolean {
  const around = file.ownerOf(helper)?.class;
  if (around?.isTest !== true || !isRemoval(release)) return false;
  const tearDown = file.definition(`${around.qualified}().tearDown`)?.node;
  return tearDown !== undefined && walk(tearDown).some((it) => it.type === 'call' && it.method === 'rmtree');
}

/** Of a path that is not written there. */
function isRemoval(it: Statement): boolean {
  const call = it.type === 'expression' && it.expression.type === 'call' ? it.expression : undefined;
  return call !== undefined && /^(?:remove|rmtree|rmdir|unlink)$/.test(call.method) && call.arguments[0]?.value.value.kind !== 'constant';
}

/** A path below the folder that pytest gives a test, and removes itself. */
function isBelowTestFolder(release: Statement, owner: FunctionDefinition): boolean {
  const call = release.type === 'expression' && release.expression.type === 'call' ? release.expression : undefined;
  if (call === undefined || !/^(?:remove|rmtree|rmdir|unlink)$/.test(call.method)) return false;
  const path = call.function.type === 'attribute' && call.arguments.length === 0 ? call.function.object : call.arguments[0]?.value;
  const folders = owner.parameters.filter((it) => /^tmp_?(?:path|dir)$/.test(it.name)).map((it) => it.name);
  if (path === undefined || folders.length === 0) return false;
  return walk(owner).some(
    (it) =>
      it.type === 'assignment' &&
      it.targets.some((each) => each.text === path.text) &&
      walk(it).some((each) => each.type === 'name' && folders.includes(each.id)),
  );
}

/** Was it given something else before: `state.is_closed = True` takes nothing back. */
function isGivenTwice(target: string, last: Statement, owner: FunctionDefinition): boolean {
  return walk(owner).some((it) => it !== last && it.type === 'assignment' && it.targets.some((each) => each.text === target));
}

/** Does it give back something of the process or the machine: by a function of a module, `os.chdir(before)`, or an assignment? */
function isLasting(statement: Statement, parameters: readonly string[]): boolean {
  // `app.state.started = False`: what the caller has handed in may be of one test.
  if (statement.type === 'assignment') return !statement.targets.every((it) => parameters.includes(/^\w+/.exec(it.text)?.[0] ?? ''));
  if (statement.type !== 'expression') return true;
  return walk(statement).some((it) => it.type === 'call' && RELEASES.test(it.method) && /^(?:[a-z_]+\.)+[a-z_]+$/.test(it.callee ?? ''));
}

function isRelease(statement: Statement, owner: FunctionDefinition): boolean {
  if (statement.type === 'delete') return true;
  if (statement.type === 'assignment')
    return (
      statement.value?.type !== 'call' &&
      statement.targets.some(
        (it) => (it.type === 'attribute' || (it.type === 'subscript' && it.object.type === 'attribute')) && isGivenTwice(it.text, statement, owner),
      )
    );
  return statement.type === 'expression' && [...walk(statement)].some((it) => it.type === 'call' && RELEASES.test(it.method));
}

/** Puts the `yield` into `try`, and the lines behind it into `finally`: where all are plain lines of one block. */
function fixOf(only: Node, owner: FunctionDefinition): { fix?: Fix } {
  const statement = statementOf(only);
  if (statement?.parent !== owner) return {};
  const block = blockAround(statement);
  const after = block.slice(block.indexOf(statement) + 1);
  if ([statement, ...after].some((it) => it.text.includes('\n'))) return {};
  const [first] = after;
  if (first === undefined) return {};
  return {
    fix: {
      title: 'Release in `finally`',
      safety: 'safe',
      edits: [insertBefore(statement, 'try:'), insertBefore(first, 'finally:'), ...[statement, ...after].map((it) => replace(it, `    ${it.text}`))],
    },
  };
}
