import type { Assignment, Call, TestFile } from '../model.ts';
import { constantText } from '../model.ts';
import { isShared } from '../python/api.ts';
import { givesSettings, isOff, isOn, mayGiveSettings, type Setting, settingsOf } from '../python/settings.ts';
import { defineRule, type Finding, py } from '../rule.ts';

const OBJECT_SETTERS = /^(?:object|setattr|patch_object|MockPatchObject)$/;

export const rule = defineRule({
  id: 'authentication-off',
  code: 'API002',
  category: 'api',
  title: 'authentication taken out of the application under test',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [306],
  why: 'Tests of an application without its authentication pass when a route forgets to ask for it.',
  instead: 'Log in as a test user; keep the switch in the few tests that are about something else.',
  limits: 'A switch is told by its name. Only tests of the same class are looked through for one that expects a refusal.',
  links: ['https://cwe.mitre.org/data/definitions/306.html', 'https://fastapi.tiangolo.com/advanced/testing-dependencies/'],
  on: ['assignment', 'call'],
  calls: (_, method) => givesSettings(method) || OBJECT_SETTERS.test(method),
  wants: (it) => it.type === 'call' || mayGiveSettings(it),
  *check(node, file) {
    if (node.type === 'assignment') {
      const dependency = overridden(node);
      if (dependency !== undefined) yield finding(node, node, `\`dependency_overrides[${dependency}]\` replaces the application's own check of who asks`, file);
    }
    for (const it of settingsOf(node)) {
      const what = switchedOff(it);
      if (what === undefined || file.expected(it.value)) continue;
      // What the class says, another class of the family may say otherwise.
      const ofClass = it.value.type === 'attribute' && it.value.object.text === 'self';
      yield ofClass ? { at: node.place, kind: 'informational', message: what } : finding(node, node, what, file);
    }
    if (node.type === 'call' && OBJECT_SETTERS.test(node.method)) yield* classesReplaced(node, file);
  },
  examples: [
    {
      name: 'a switch in a fixture',
      bad: py`
        import pytest
        from harbour import api

        @pytest.fixture
        def app():
            app = api.create_app()
            app.config["AUTH_ENABLED"] = False
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the application runs without authentication
            return app
      `,
    },
    {
      name: 'the dependency that says who asks',
      bad: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"  #! replaces the application's own check
            yield
            app.dependency_overrides.clear()
      `,
    },
    {
      name: 'by keyword, by environment, by flags; one test alone is a note',
      bad: py`
        import testtools
        from harbour import api

        class TestBerths(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.app = api.create_app()
                self.app.config.update(TESTING=True, LOGIN_DISABLED=True)  #! without authentication
                self.flags(auth_strategy="noauth2", group="api")  #! without authentication

            def test_list(self):
                self.app.config["LOGIN_DISABLED"] = True  #! without authentication
      `,
    },
    {
      name: 'what the class says is a note',
      bad: py`
        from gabbi import fixture

        class ConfigFixture(fixture.GabbiFixture):
            auth_strategy = "noauth"

            def start_fixture(self):
                self.conf.set_override("auth_strategy", self.auth_strategy)  #! without authentication
      `,
    },
    {
      name: 'switched on, another dependency, and an expected value',
      good: py`
        import pytest
        from harbour.database import get_session
        from harbour.main import app

        @pytest.fixture
        def running(session):
            app.config["AUTH_ENABLED"] = True
            app.config["LOGIN_DISABLED"] = False
            app.dependency_overrides[get_session] = lambda: session
            yield app
            app.dependency_overrides.clear()

        def test_config(running):
            assert running.config["AUTH_ENABLED"] is True
      `,
    },
  ],
});

const IDENTITY =
  /(?:^|[._])(?:get_)?(?:current_|active_|authenticated_|logged_in_|admin_){1,4}user$|auth|verify_(?:token|api_key|user|credentials|jwt)|require_(?:user|admin|login|role|scope|permission)|(?:api_key|token)_(?:header|required)|oauth2|permission|_scheme$|get_user$/i;

function overridden(node: Assignment): string | undefined {
  for (const target of node.targets) {
    if (target.type !== 'subscript' || target.object.type !== 'attribute' || target.object.name !== 'dependency_overrides') continue;
    const dependency = target.index[0]?.text;
    if (dependency !== undefined && IDENTITY.test(dependency)) return dependency;
  }
  return undefined;
}

const OFF_KEYS = /^(?:AUTH(?:ENTICATION)?_(?:ENABLED|REQUIRED)|(?:ENABLE|REQUIRE)_AUTH(?:ENTICATION)?|LOGIN_REQUIRED|AUTH_ON|USE_AUTH)$/i;
const ON_KEYS = /^_?(?:LOGIN_DISABLED|AUTH(?:ENTICATION)?_DISABLED)$/i;

function switchedOff(it: Setting): string | undefined {
  const where = it.where === 'definition' ? `\`${it.key}\` is \`${it.value.text}\`` : `\`${it.key}\` set to \`${it.value.text}\``;
  const off = (OFF_KEYS.test(it.key) && isOff(it.value.value)) || (ON_KEYS.test(it.key) && isOn(it.value.value));
  if (off) return `${where}: the application runs without authentication`;
  const strategy = /^auth_strategy$/i.test(it.key) ? constantText(it.value.value) : undefined;
  return strategy !== undefined && /^noauth/.test(strategy) ? `${where}: the API runs without authentication` : undefined;
}

/** `mock.patch.object(BerthView, 'permission_classes', [])`: the checks of a REST framework view. */
function* classesReplaced(call: Call, file: TestFile): Iterable<Finding> {
  const name = constantText(call.arguments[1]?.value.value ?? { kind: 'unknown' });
  const value = call.arguments[2]?.value;
  if ((name !== 'authentication_classes' && name !== 'permission_classes') || value === undefined) return;
  const open = (value.type === 'list' || value.type === 'tuple') && value.items.every((it) => /(?:^|\.)AllowAny$/.test(it.text));
  if (open) yield finding(call, call, `\`${name}\` is replaced by \`${value.text}\`: the view lets everybody in`, file);
}

function finding(at: Assignment | Call, node: Assignment | Call, message: string, file: TestFile): Finding {
  const refusals = [...(file.class?.methods.keys() ?? [])].some(
    (it) => /^test/i.test(it) && /unauth|forbid|refus|denied|without_(?:token|login|credential)|anonymous|requires_(?:login|auth)/i.test(it),
  );
  return { at: at.place, message, ...(isShared(node, file) && !refusals ? {} : { kind: 'informational' }) };
}
