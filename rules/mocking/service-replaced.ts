import type { TestFile } from '../model.ts';
import { type Call, type QualifiedName, type Replacement, walk } from '../model.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { CLEANUP_METHODS } from '../python/resources.ts';
import { SERVICE_STUBS, serviceOf } from '../python/service-stubs.ts';
import { defineRule, type Finding, py } from '../rule.ts';

export const rule = defineRule({
  id: 'service-replaced',
  code: 'MCK-S09',
  category: 'mocking',
  title: 'Service replaced for the length of the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A stand-in that a fixture installs keeps the test away from the live service, and goes when the test ends, whatever happens in it.',
  limits: 'Fixtures of libraries are known by a table; those of the workspace are read.',
  links: ['https://pypi.org/project/fixtures/'],
  on: 'call',
  calls: (callee, method) => method === 'useFixture' || CLEANUP_METHODS.has(method) || (callee !== '' && !callee.includes('(')),
  wants: (it) => it.method === 'useFixture' || CLEANUP_METHODS.has(it.method) || isGivenTest(it),
  *check(call, file) {
    if (call.method === 'useFixture') yield* fixture(call, file);
    else if (CLEANUP_METHODS.has(call.method)) yield* reset(call, file);
    else if (isGivenTest(call) && call.callee !== undefined && !call.callee.includes('(')) yield* stubbingCall(call, call.callee, file);
  },
  examples: [
    {
      name: 'a fixture that is known',
      bad: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestBoot(test.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(nova_fixtures.GlanceFixture(self))
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ stands in for the image service
      `,
    },
    {
      name: 'a fixture of the workspace that is read',
      bad: {
        'tests/unit/test_boot.py': py`
          import testtools
          from tests import fakes

          class TestBoot(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.useFixture(fakes.ImageFixture())  #! replaces
        `,
        'tests/fakes.py': py`
          import fixtures

          class ImageFixture(fixtures.Fixture):
              def setUp(self):
                  super().setUp()
                  self.useFixture(fixtures.MonkeyPatch("boot.image.get", self.get))
        `,
      },
    },
    {
      name: 'a stub with its reset',
      bad: py`
        import nova.tests.unit.image.fake
        from nova import test

        class TestBoot(test.TestCase):
            def setUp(self):
                super().setUp()
                nova.tests.unit.image.fake.stub_out_image_service(self)  #! replaces the image service
                self.addCleanup(nova.tests.unit.image.fake.FakeImageService_reset)  #! resets the stand-in of the image service
      `,
    },
    {
      name: 'a helper that leaves nothing replaced, or not always',
      good: py`
        import unittest
        from unittest import mock

        @mock.patch("boot.image.get")
        def check(test, get):
            test.assertTrue(get)

        def unless(test, live=True):
            if not live:
                get = mock.patch("boot.image.get")
                get.start()
                test.addCleanup(get.stop)

        def offer(test):
            def stub():
                get = mock.patch("boot.image.get")
                get.start()
                test.addCleanup(get.stop)
            test.stub = stub

        class TestBoot(unittest.TestCase):
            def test_boot(self):
                check(self)
                unless(self)
                offer(self)
      `,
    },
    {
      name: 'without the reset, or without a stub, nothing is claimed',
      good: {
        'tests/unit/test_boot.py': py`
          import nova.tests.unit.image.fake
          from nova import test
          from tests import fakes

          class TestBoot(test.TestCase):
              def setUp(self):
                  super().setUp()
                  # self.useFixture(nova_fixtures.GlanceFixture(self))
                  nova.tests.unit.image.fake.stub_out_image_service(self)
                  self.useFixture(fakes.ImageFixture())
                  self.useFixture(fakes.Captured())
        `,
        'tests/fakes.py': py`
          import fixtures

          class ImageFixture(fixtures.Fixture):
              def setUp(self):
                  super().setUp()
                  self.images = {}

          class Captured(fixtures.Fixture):
              def setUp(self):
                  super().setUp()
                  self.useFixture(fixtures.MonkeyPatch("sys.stdout", self.stream))
        `,
      },
    },
  ],
});

/** `stub_out_service(self)` */
function isGivenTest(call: Call): boolean {
  const given = call.arguments[0]?.value;
  return given?.type === 'name' && given.id === 'self';
}

function* fixture(call: Call, file: TestFile): Iterable<Finding> {
  const given = call.arguments[0]?.value;
  const name = given?.refersTo;
  if (given === undefined || name?.endsWith('()') !== true) return;
  const plain = name.slice(0, -2);
  const short = plain.slice(plain.lastIndexOf('.') + 1);
  const replaced = ownFirst(undoneBy(file, plain), plain);
  const service = serviceOf(plain, call, file);
  if (replaced.length > 0) {
    const which = service === undefined ? listed(replaced) : `${service}: ${listed(replaced)}`;
    yield { at: call.place, message: `\`${short}\` replaces ${which}, until the test ends`, trail: trailOf(replaced) };
  } else if (service !== undefined) {
    yield { at: call.place, message: `\`${short}\` stands in for ${service} until the test ends` };
  }
}

/** What a fixture or function replaces and takes back, each once. */
function undoneBy(file: TestFile, name: string): readonly Replacement[] {
  const seen = new Set<string>();
  return file.replacements(name).filter((it) => it.undone && isService(it.target) && !seen.has(it.target) && seen.add(it.target));
}

/** Of the standard library only what talks to others: `sys.stdout` is no service. */
function isService(target: QualifiedName): boolean {
  const root = target.split('.')[0] ?? '';
  return !STANDARD_LIBRARY.has(root) || TALKS.has(root);
}

const TALKS: ReadonlySet<string> = new Set([
  'asyncio',
  'ftplib',
  'http',
  'imaplib',
  'poplib',
  'smtplib',
  'socket',
  'socketserver',
  'sqlite3',
  'ssl',
  'subprocess',
  'urllib',
  'xmlrpc',
]);

/** What belongs to the fixture's own project comes first: it says more than what a library is given on the way. */
function ownFirst(replaced: readonly Replacement[], fixture: string): readonly Replacement[] {
  const own = `${fixture.split('.')[0] ?? ''}.`;
  return [...replaced.filter((it) => it.target.startsWith(own)), ...replaced.filter((it) => !it.target.startsWith(own))];
}

function listed(replaced: readonly Replacement[]): string {
  const [first] = replaced;
  const name = first === undefined ? '' : first.target.split('.').slice(-3).join('.');
  const more = replaced.length - 1;
  return `\`${name}\`${more > 0 ? ` and ${more} more` : ''}`;
}

function trailOf(replaced: readonly Replacement[]) {
  return replaced.slice(0, 4).map((it) => ({ at: it.place, note: `replaces \`${it.target}\`` }));
}

function* stubbingCall(call: Call, callee: string, file: TestFile): Iterable<Finding> {
  const known = SERVICE_STUBS.get(callee);
  const short = callee.slice(callee.lastIndexOf('.') + 1);
  if (known !== undefined) {
    const cleanup = cleanupOf(known.reset, call, file);
    if (cleanup === undefined) return;
    yield { at: call.place, message: `\`${short}\` replaces ${known.service}, with its reset registered`, trail: [{ at: cleanup.place, note: 'resets it' }] };
    return;
  }
  if (file.definition(callee)?.kind !== 'function') return; // a fixture that is given the test
  const replaced = undoneBy(file, callee);
  if (replaced.length > 0) yield { at: call.place, message: `\`${short}\` replaces ${listed(replaced)}, until the test ends`, trail: trailOf(replaced) };
}

function cleanupOf(reset: string, call: Call, file: TestFile): Call | undefined {
  const body = file.ownerOf(call)?.node;
  if (body === undefined) return undefined;
  for (const it of walk(body)) {
    if (it.type === 'call' && CLEANUP_METHODS.has(it.method) && it.arguments[0]?.value.refersTo === reset) return it;
  }
  return undefined;
}

/** `addCleanup(FakeImageService_reset)`, where the stub that it resets is installed. */
function* reset(call: Call, file: TestFile): Iterable<Finding> {
  const what = call.arguments[0]?.value.refersTo;
  if (what === undefined) return;
  const stub = [...SERVICE_STUBS].find(([, it]) => it.reset === what);
  const body = file.ownerOf(call)?.node;
  if (stub === undefined || body === undefined) return;
  for (const it of walk(body)) {
    if (it.type !== 'call' || it.callee !== stub[0]) continue;
    const name = what.slice(what.lastIndexOf('.') + 1);
    yield { at: call.place, message: `\`${call.method}(…${name})\` resets the stand-in of ${stub[1].service}`, trail: [{ at: it.place, note: 'installs it' }] };
    return;
  }
}
