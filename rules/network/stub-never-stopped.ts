import type { Call, FunctionDefinition, Resource, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { plainStatement } from '../python/leaks.ts';
import { httpStubOf } from '../python/stub-libraries.ts';
import { defineRule, type Fix, insertAfter, py } from '../rule.ts';

/** What ends what the call began. */
const ENDS: ReadonlyMap<string, { readonly by: RegExp; readonly first: string }> = new Map([
  ['responses.start', { by: /^responses\.(?:mock\.)?(?:stop|reset)$/, first: 'responses.stop' }],
  ['responses.mock.start', { by: /^responses\.(?:mock\.)?(?:stop|reset)$/, first: 'responses.mock.stop' }],
  ['httpretty.enable', { by: /^httpretty\.(?:disable|reset)$/, first: 'httpretty.disable' }],
  ['respx.start', { by: /^respx\.(?:stop|reset)$/, first: 'respx.stop' }],
  ['pook.on', { by: /^pook\.(?:off|disable|reset)$/, first: 'pook.off' }],
  ['pook.enable', { by: /^pook\.(?:off|disable|reset)$/, first: 'pook.off' }],
]);

export const rule = defineRule({
  id: 'stub-never-stopped',
  code: 'NET019',
  category: 'network',
  title: 'Stub is started and never stopped',
  kind: 'review',
  confidence: 'high',
  cwe: [459],
  why: 'The stub answers for every later test of the process, or keeps its clock: what they show depends on the order of tests.',
  instead: 'Register its stop as a cleanup right after the start, or use it as a decorator, in a `with` or as a fixture.',
  limits:
    'A stop that a base class in another file does is seen only when it can be read. Under a decorator that puts the same stub in force the start adds nothing, and is silent.',
  links: ['https://github.com/getsentry/responses#responses-as-a-context-manager', 'https://docs.getmoto.org/en/latest/docs/getting_started.html'],
  once: 'class',
  on: ['resource', 'call'],
  calls: (callee) => ENDS.has(callee),
  *check(subject, file) {
    if (subject.type === 'call') {
      const ends = ENDS.get(subject.callee ?? '');
      const owner = file.ownerOf(subject);
      if (ends === undefined || owner === undefined || owner.role === 'helper' || subject.parent?.type !== 'expression') return;
      if (isEnded(subject, ends.by, file) || isActivatedAround(subject)) return;
      yield {
        at: subject.place,
        message: `\`${subject.function.text}\` is never ended: the stub answers for all later tests`,
        ...fixOf(subject, ends.first, file),
      };
      return;
    }
    if (subject.sort !== 'stub' || ENDS.has(subject.call.callee ?? '') || !isLeak(subject)) return;
    const { call } = subject;
    const stop = call.function.type === 'attribute' ? `${call.function.object.text}.stop` : '';
    yield {
      at: subject.place,
      message: `\`${short(call.function.text)}\` is never stopped: the stub stays in force for all later tests`,
      ...(subject.holder === undefined ? {} : fixOf(call, stop, file)),
    };
  },
  examples: [
    {
      name: 'a stub of requests, and a clock',
      bad: py`
        import unittest
        import freezegun
        import responses

        class TestTides(unittest.TestCase):
            def setUp(self):
                responses.start()  #! the stub answers for all later tests
                self.clock = freezegun.freeze_time("2026-01-01")
                self.clock.start()  #! stays in force for all later tests
      `,
      fixed: py`
        import unittest
        import freezegun
        import responses

        class TestTides(unittest.TestCase):
            def setUp(self):
                responses.start()
                self.addCleanup(responses.stop)
                self.clock = freezegun.freeze_time("2026-01-01")
                self.clock.start()
                self.addCleanup(self.clock.stop)
      `,
    },
    {
      name: 'a fixture of pytest that only starts',
      bad: py`
        import pytest
        import httpretty

        @pytest.fixture
        def tides():
            httpretty.enable(allow_net_connect=False)  #! the stub answers for all later tests
            yield
      `,
    },
    {
      name: 'stopped by a cleanup, after the yield, in tear-down; a block, a decorator',
      good: py`
        import unittest
        import freezegun
        import httpretty
        import pytest
        import requests_mock
        import responses

        class TestTides(unittest.TestCase):
            def setUp(self):
                responses.start()
                self.addCleanup(responses.stop)
                self.stub = requests_mock.Mocker()
                self.stub.start()
                self.clock = freezegun.freeze_time("2026-01-01")
                self.clock.start()
                self.addCleanup(self.clock.stop)

            def tearDown(self):
                self.stub.stop()

        @pytest.fixture
        def tides():
            httpretty.enable(allow_net_connect=False)
            yield
            httpretty.disable()

        def test_nested():
            @responses.activate(assert_all_requests_are_fired=True)
            def run():
                responses.start()

            run()

        @freezegun.freeze_time("2026-01-01")
        def test_today():
            with requests_mock.Mocker() as stub:
                assert stub
      `,
    },
  ],
});

function isLeak({ fate, owner, call }: Resource): boolean {
  return fate === 'leaks' && owner !== undefined && owner.role !== 'helper' && call.method === 'start';
}

/** Inside `@responses.activate` a start adds nothing, and the decorator ends it. */
function isActivatedAround(call: Call): boolean {
  const library = call.callee?.split('.')[0];
  for (const it of ancestors(call)) {
    if (it.type === 'function' && it.decorators.some((each) => httpStubOf(each)?.name.split('.')[0] === library)) return true;
  }
  return false;
}

/** Is what ends it called or registered: in the function, or in another method of the class? */
function isEnded(call: Call, by: RegExp, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined) return true;
  const names = (node: FunctionDefinition) => {
    for (const it of walk(node)) if ((it.type === 'attribute' || it.type === 'name') && by.test(it.refersTo ?? '')) return true;
    return false;
  };
  if (names(owner.node)) return true;
  const around = owner.class;
  if (around === undefined) return false;
  if (around.unresolved.length > 0) return true;
  for (const name of [...around.methods.keys(), 'tearDown', 'tearDownClass', 'teardown_method']) {
    const node = file.definition(`${around.qualified}().${name}`)?.node;
    if (node !== undefined && names(node)) return true;
  }
  return false;
}

function fixOf(call: Call, stop: string, file: TestFile): { fix?: Fix } {
  const statement = plainStatement(call);
  const line = registration(call, file.ownerOf(call), stop, file);
  if (statement === undefined || line === undefined) return {};
  return { fix: { title: `Register \`${stop}\` as a cleanup`, safety: 'safe', edits: [insertAfter(statement, line)] } };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
