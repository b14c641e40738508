import type { Assignment, Expression, FunctionSubject, Node, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { makes } from '../python/bindings.ts';
import { isNoWider } from '../python/session.ts';
import { passesName, setsByName } from '../python/set-by-name.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'settings-mutated-in-place',
  code: 'RES023',
  category: 'resources',
  title: 'Framework settings mutated in place',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [459],
  peers: { sonar: ['S8997'] },
  why: 'Settings are shared by the whole process: a check that one test switches off stays off for all that follow.',
  instead: "Use `override_settings`, pytest-django's `settings`, or `monkeypatch.setitem(app.config, …)`.",
  limits:
    'An application that a fixture makes anew is recognised only as a parameter, also one whose context the test or another of its fixtures enters, or where the set-up of the class makes it and enters its context. One that the same function sets again later is a note, and so is one that a set-up or a helper gives the tests. `DEBUG = False`, which the test runners of Django set anyway, is passed over; of other values it is not known whether they hold anyway. A function that is called in `finally` with the name of the setting as a text is followed.',
  links: ['https://docs.djangoproject.com/en/stable/topics/testing/tools/#overriding-settings'],
  once: 'class',
  on: 'assignment',
  wants: ({ targets }) => targets.some((it) => settingsOf(it) !== undefined),
  *check(assignment, file) {
    const owner = file.ownerOf(assignment);
    // Test cases are made before any test runs: what their constructor sets holds for all of them.
    if (owner === undefined || owner.name === '__init__' || owner.role === 'teardown' || owner.role === 'class-teardown') return;
    if (isUnderOverride(assignment, owner)) return;
    // A function beside the tests, or an object that holds them, sets up a process, or is called by whoever sets back.
    if (owner.role === 'helper' && owner.class?.isTest !== true) return;
    // What a set-up gives all its tests, or a runner the whole run, is mostly how the suite is configured.
    const isShared = owner.role !== 'test';
    for (const it of assignment.targets) {
      const what = settingsOf(it);
      if (what === undefined || isStandard(it, assignment)) continue;
      if (restored(what, owner.node, assignment) || restoredByName(it, owner, file) || restoredByClass(what, holderOf(it), owner, file)) continue;
      if (it.type === 'subscript' && (isOfTest(owner, file) || isOfFixture(owner, file))) continue;
      const times = walk(owner.node).filter((each) => each.type === 'assignment' && each.targets.some((target) => settingsOf(target) === what));
      if (times.length > 1 && times.at(-1) === assignment) continue;
      yield {
        at: it.place,
        ...(times.length > 1 || isShared ? { kind: 'informational' } : {}),
        message: `changes the whole process's \`${holderOf(it)}\`, which ${times.length > 1 ? 'is set again only later: not when the test fails before' : 'nothing sets back'}`,
        ...fixOf(assignment, owner.parameters),
      };
    }
  },
  examples: [
    {
      name: 'Django and Flask',
      bad: py`
        from django.conf import settings
        from flask import current_app

        def test_debug(client):
            settings.DEBUG = True  #! nothing sets back
            current_app.config['WTF_CSRF_ENABLED'] = False  #! nothing sets back
            assert client.get('/')
      `,
    },
    {
      name: 'with monkeypatch at hand',
      bad: py`
        from django.conf import settings
        from flask import current_app

        def test_debug(client, monkeypatch):
            settings.DEBUG = True  #! nothing sets back
            current_app.config["LOGIN_URL"] = "/in"  #! nothing sets back
            assert client.get('/')
      `,
      fixed: py`
        from django.conf import settings
        from flask import current_app

        def test_debug(client, monkeypatch):
            monkeypatch.setattr(settings, "DEBUG", True)
            monkeypatch.setitem(current_app.config, "LOGIN_URL", "/in")
            assert client.get('/')
      `,
    },
    {
      name: 'set again at the end of the test',
      bad: py`
        from django.conf import settings

        def test_debug(client):
            settings.DEBUG = True  #! set again only later
            assert client.get('/')
            settings.DEBUG = False
      `,
    },
    {
      name: 'set back in finally, but another setting',
      bad: py`
        from django.conf import settings

        def test_berths(client):
            settings.BERTHS = 4  #! nothing sets back
            try:
                assert client.get('/')
            finally:
                for name, old in (("CRANES", 2), ("QUAYS", 3)):
                    setattr(settings, name, old)
      `,
    },
    {
      name: 'one application for all tests, whose context is entered for each',
      bad: py`
        import pytest
        from flask import current_app
        from harbour import create_app

        @pytest.fixture(scope="session")
        def base_app():
            return create_app("test")

        @pytest.fixture
        def app(base_app):
            with base_app.app_context():
                yield base_app

        @pytest.mark.usefixtures("app")
        def test_pages():
            current_app.config["PAGE_SIZE"] = 3  #! nothing sets back
            assert cranes()
      `,
    },
    {
      name: 'under an override, and set back by the class',
      good: py`
        import copy
        import django.conf
        from django.conf import settings
        from django.test import TestCase, override_settings

        class AllCase(TestCase):
            def setUp(self):
                self.before = copy.deepcopy(django.conf.settings)

            def tearDown(self):
                django.conf.settings = self.before

            def test_debug(self):
                django.conf.settings.DEBUG = True
                self.client.get('/')

        class BerthCase(TestCase):
            @classmethod
            def setUpTestData(cls):
                cls.before = settings.BERTHS
                settings.BERTHS = 4

            @classmethod
            def tearDownClass(cls):
                settings.BERTHS = cls.before
                super().tearDownClass()

            @override_settings(DEBUG=True)
            def test_debug(self):
                settings.DEBUG = True
                self.client.get('/')

        class MediaCase(TestCase):
            def setUp(self):
                self.media = settings.MEDIA_ROOT

            def tearDown(self):
                settings.MEDIA_ROOT = self.media

            def test_bad_root(self):
                settings.MEDIA_ROOT = '/'
                self.client.get('/')
      `,
    },
    {
      name: 'an application of the test',
      good: {
        'tests/test_berths.py': py`
          from flask import current_app
          from tests.base import HarbourCase

          class TestBerths(HarbourCase):
              def test_pages(self):
                  current_app.config["PAGE_SIZE"] = 3
                  assert self.app.test_client().get("/")
        `,
        'tests/base.py': py`
          from harbour import create_app

          class HarbourCase:
              def setup(self):
                  self.app = create_app("test")
                  self.context = self.app.app_context()
                  self.context.push()

              def teardown(self):
                  self.context.pop()
        `,
      },
    },
    {
      name: 'an application that a fixture makes, whose context the test enters',
      good: py`
        import pytest
        from flask import current_app
        from harbour import create_app

        @pytest.fixture
        def app():
            return create_app("test")

        def test_pages(app):
            with app.app_context():
                current_app.config["PAGE_SIZE"] = 3
                assert app.test_client().get("/")
      `,
    },
    {
      name: 'an application that a fixture makes, whose context another enters',
      good: py`
        import unittest
        import pytest
        from flask import current_app
        from harbour import create_app

        @pytest.fixture
        def base_app():
            made = create_app("test")
            yield made

        @pytest.fixture
        def app(base_app):
            with base_app.app_context():
                yield base_app

        @pytest.mark.usefixtures("app")
        class TestCranes(unittest.TestCase):
            def test_pages(self):
                current_app.config["PAGE_SIZE"] = 3
                assert cranes()
      `,
    },
    {
      name: 'set back in finally by name; what the runner of Django sets',
      good: py`
        from django.conf import settings as real

        NOTHING = object()

        def put_back(name, old):
            from django.conf import settings
            if old is NOTHING:
                delattr(settings, name)
            else:
                setattr(settings, name, old)

        def test_berths(client):
            before = getattr(real, "BERTHS", NOTHING)
            real.BERTHS = 4
            try:
                assert client.get('/')
            finally:
                put_back("BERTHS", before)

        def test_cranes(client):
            real.CRANES = 2
            real.QUAYS = 3
            try:
                assert client.get('/')
            finally:
                for name in ("CRANES", "QUAYS"):
                    if hasattr(real, name):
                        delattr(real, name)

        def test_plain(client):
            real.DEBUG = False
            assert client.get('/')
      `,
    },
    {
      name: 'the fixture of pytest-django, set back in finally',
      good: py`
        from django.conf import settings as real
        from django.test import TestCase

        def test_debug(client, settings):
            settings.DEBUG = True
            assert client.get('/')

        class Replaced:
            def enable(self):
                self.before = real._wrapped
                real._wrapped = self.options

            def disable(self):
                real._wrapped = self.before

        class HarbourCase(TestCase):
            def __init__(self, *args, **kwargs):
                real.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
                super().__init__(*args, **kwargs)

        def test_finally(client):
            before = real.DEBUG
            real.DEBUG = True
            try:
                assert client.get('/')
            finally:
                real.DEBUG = before
      `,
    },
  ],
});

/** The written name of shared settings that an assignment target changes. */
function settingsOf(it: Expression): string | undefined {
  if (it.type === 'attribute' && it.object.refersTo === 'django.conf.settings') return it.text;
  if (it.type === 'subscript' && it.object.type === 'attribute' && it.object.name === 'config' && it.object.refersTo === 'flask.current_app.config')
    return it.text;
  return undefined;
}

/** `settings` of `settings.DEBUG` */
function holderOf(it: Expression): string {
  return it.type === 'attribute' || it.type === 'subscript' ? it.object.text : it.text;
}

/** What is assigned while settings are overridden goes with the override. */
function isUnderOverride(assignment: Assignment, owner: FunctionSubject): boolean {
  if (owner.decorators.some((it) => it !== undefined && OVERRIDES.test(it))) return true;
  for (const it of ancestors(assignment)) {
    if (
      it.type === 'with' &&
      it.items.some(({ context }) => context.type === 'call' && /^(?:override_settings|modify_settings|settings)$/.test(context.method))
    )
      return true;
  }
  return false;
}

const OVERRIDES = /\b(?:override|modify)_settings\b/;

/** Does a method that runs after the tests name it, or give all of them anew: `settings = before`? */
function restoredByClass(what: string, holder: string, { class: owner }: FunctionSubject, file: TestFile): boolean {
  if (owner === undefined) return false;
  return ['tearDown', 'tearDownClass'].some((it) => {
    const node = file.definition(`${owner.qualified}().${it}`)?.node;
    if (node === undefined) return false;
    return node.text.includes(what) || walk(node).some((each) => each.type === 'assignment' && each.targets.some((target) => target.text === holder));
  });
}

const SET_UPS: readonly string[] = ['setUp', 'setup_method', 'setup'];

/** `self.app = create_app()` and `self.app.app_context()` in the set-up of the class: each test has an application of its own. */
function isOfTest({ class: owner }: FunctionSubject, file: TestFile): boolean {
  if (owner === undefined) return false;
  return SET_UPS.some((name) => {
    const node = file.definition(`${owner.qualified}().${name}`)?.node;
    if (node?.text.includes('.app_context(') !== true) return false;
    const inside = walk(node);
    const entered = inside.flatMap((it) =>
      it.type === 'call' && it.method === 'app_context' && it.function.type === 'attribute' ? it.function.object.text : [],
    );
    return inside.some((it) => it.type === 'assignment' && it.value?.type === 'call' && it.targets.some((each) => entered.includes(each.text)));
  });
}

/** `app.app_context()` of an application that a fixture makes for each test, entered by the test or around it. */
function isOfFixture(owner: FunctionSubject, file: TestFile): boolean {
  const own = walk(owner.node).some((it) => {
    const app = contextOf(it);
    const fixture = app !== undefined && owner.parameters.includes(app) ? file.fixture(app) : undefined;
    return fixture !== undefined && isNoWider(fixture, undefined, file);
  });
  if (own) return true;
  const fixtures = [...file.fixturesFor(owner)].filter((it) => isNoWider(it, undefined, file));
  return fixtures.some((fixture) =>
    walk(fixture).some((it) => {
      const app = contextOf(it);
      const isAround =
        it.parent?.type === 'attribute' || [...ancestors(it)].some((each) => each.type === 'with' && walk(each).some((step) => step.type === 'yield'));
      return app !== undefined && isAround && [fixture, ...fixtures.filter((each) => each.name === app)].some((each) => makes(each, app));
    }),
  );
}

/** `app` of `app.app_context()` */
function contextOf(it: Node): string | undefined {
  return it.type === 'call' && /^(?:app|test_request)_context$/.test(it.method) && it.function.type === 'attribute' ? it.function.object.text : undefined;
}

/** Set back in `finally`, behind a `yield`, or itself the one that sets back. */
function restored(what: string, owner: Parameters<typeof walk>[0], assignment: Parameters<typeof walk>[0]): boolean {
  for (const it of ancestors(assignment)) if (it.type === 'try' && it.final.some((each) => [...walk(each)].includes(assignment))) return true;
  for (const it of walk(owner)) {
    if (it.type === 'try' && it.final.some((each) => each.text.includes(what))) return true;
    if (it.type === 'yield') return true;
    if (it.type === 'call' && /cleanup|finalizer/i.test(it.method) && it.text.includes(what.split('.')[0] ?? what)) return true;
  }
  return false;
}

/** What the test runners of Django give every test, whatever the settings say. Source: docs.djangoproject.com 5.2, "Other test conditions". */
function isStandard(it: Expression, { value, operator }: Assignment): boolean {
  return it.type === 'attribute' && it.name === 'DEBUG' && operator === undefined && value?.text === 'False';
}

/** `finally: restore("DEBUG", before)`, `finally: for name in ("DEBUG", "BERTHS"): delattr(settings, name)` */
function restoredByName(it: Expression, owner: FunctionSubject, file: TestFile): boolean {
  const holder = it.type === 'attribute' ? it.object.refersTo : undefined;
  if (it.type !== 'attribute' || holder === undefined || !owner.node.text.includes('finally')) return false;
  const { name } = it;
  return walk(owner.node).some(
    (block) =>
      block.type === 'try' &&
      block.final.some((step) =>
        walk(step).some((each) => {
          if (each.type !== 'call') return false;
          const body = each.callee === undefined ? undefined : file.definition(each.callee)?.node;
          return setsByName(each, holder, name) || (body !== undefined && passesName(each, body, holder, name));
        }),
      ),
  );
}

/** The same through `monkeypatch`, where the test has it. */
function fixOf(assignment: Assignment, parameters: readonly string[]): { fix?: Fix } {
  const [target] = assignment.targets;
  if (!parameters.includes('monkeypatch') || assignment.targets.length !== 1 || assignment.value === undefined || assignment.operator !== undefined) return {};
  const [key] = target?.type === 'subscript' ? target.index : [];
  if (target?.type === 'attribute') return suggested(assignment, 'setattr', `${target.object.text}, "${target.name}", ${assignment.value.text}`);
  return target?.type === 'subscript' && key !== undefined
    ? suggested(assignment, 'setitem', `${target.object.text}, ${key.text}, ${assignment.value.text}`)
    : {};
}

function suggested(assignment: Assignment, method: string, given: string): { fix: Fix } {
  return { fix: { title: `Use \`monkeypatch.${method}\``, safety: 'suggest', edits: [replace(assignment, `monkeypatch.${method}(${given})`)] } };
}
