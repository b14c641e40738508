import type { Assignment, Call, Expression, FunctionDefinition, FunctionSubject, Node, SimpleStatement, TestFile } from '../model.ts';
import { argument, constantText, isConstant, walk } from '../model.ts';
import { demandsStatus, isRefusalClass, isShared, refusalDemanded, refuses, refusesOrFails } from '../python/api.ts';
import { overriddenBy, takenBackAt } from '../python/overrides.ts';
import { givesSettings, isOff, isOn, mayGiveSettings, type Setting, settingsOf } from '../python/settings.ts';
import { setUpsOf } from '../python/unittest.ts';
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
  limits:
    'A switch is told by its name, and a scheme with `auto_error=False` is none. Silent where a test of the same file expects a refusal with the check in force, which is not looked for in other files. A note where what stands in can refuse itself, and where a factory is overridden, on whose results routes depend.',
  links: ['https://cwe.mitre.org/data/definitions/306.html', 'https://fastapi.tiangolo.com/advanced/testing-dependencies/'],
  on: ['assignment', 'call', 'statement'],
  calls: (_, method) => givesSettings(method) || OBJECT_SETTERS.test(method) || demandsStatus(method),
  statements: ['assert'],
  wants: (it) =>
    it.type === 'assignment' ? mayGiveSettings(it) : (it.type === 'call' && !demandsStatus(it.method)) || refusalDemanded(it, refusesOrFails) !== undefined,
  *check(node, file) {
    if (node.type !== 'assignment' && node.type !== 'call') {
      if (node.type === 'assert' && isRefusedInForce(node, file)) yield { at: node.place, disproves: true, message: '' };
      return;
    }
    if (node.type === 'call' && refusalDemanded(node, refusesOrFails) !== undefined && isRefusedInForce(node, file))
      yield { at: node.place, disproves: true, message: '' };
    if (node.type === 'assignment') {
      const dependency = overridden(node);
      if (dependency !== undefined && !isOptional(dependency, file)) yield replaced(node, dependency, file);
    }
    for (const it of settingsOf(node)) {
      const what = switchedOff(it);
      if (what === undefined || file.expected(it.value)) continue;
      // What the class says, another class of the family may say otherwise.
      const ofClass = it.value.type === 'attribute' && it.value.object.text === 'self';
      yield ofClass ? { at: node.place, kind: 'informational', message: what } : finding(node, what, file);
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
      name: 'one that can refuse, a route of the test, and a factory, whose results routes depend on, are notes',
      bad: {
        'tests/test_berths.py': py`
          import pytest
          from fastapi import APIRouter
          from harbour.auth import get_current_user, require_user
          from harbour.main import create_app

          @pytest.fixture
          def app_for(master):
              def stand_in():
                  if master is None:
                      raise HTTPException(status_code=401)
                  return master

              app = create_app()
              app.dependency_overrides[require_user] = stand_in  #! with one that can refuse too
              return app

          @pytest.fixture
          def probed():
              app = create_app()
              router = APIRouter()

              @router.get("/probe")
              def probe():
                  return "up"

              app.include_router(router)
              app.dependency_overrides[require_user] = lambda: "master"  #! replaces the application's own check
              return app

          @pytest.fixture
          def as_master():
              app = create_app()
              app.dependency_overrides[get_current_user] = lambda: "master"  #! changes nothing where routes depend on what the factory returns
              return app
        `,
        'harbour/auth.py': py`
          def get_current_user(rights=None):
              def current_user(token):
                  return decode(token)

              return current_user

          def require_user(token):
              return decode(token)
        `,
      },
    },
    {
      name: 'a refusal that is expected under the override, or of a log-in, shows nothing',
      bad: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.main import app

        def acting_as(name):
            app.dependency_overrides[get_current_user] = lambda: name  #! replaces the application's own check

        @pytest.fixture
        def as_master():
            acting_as("master")
            yield
            app.dependency_overrides.clear()

        def test_foreign_berth(as_master, client):
            assert client.delete("/berths/7").status_code == 403

        def test_wrong_password(client):
            assert client.post("/login", json={"name": "master"}).status_code == 401
      `,
      alsoFinds: ['API003'],
    },
    {
      name: 'a test of the file expects the refusal with the check in force',
      good: py`
        import pytest
        from fastapi import status
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"
            yield
            app.dependency_overrides.clear()

        def test_list(as_master, client):
            assert client.get("/berths").status_code == 200

        def test_list_refused(client):
            assert client.get("/berths").status_code == status.HTTP_401_UNAUTHORIZED
      `,
    },
    {
      name: 'a refusal that may be a success, a scheme that refuses',
      bad: {
        'tests/test_berths.py': py`
          import pytest
          from harbour.auth import bearer_scheme
          from harbour.main import app

          @pytest.fixture
          def as_master():
              app.dependency_overrides[bearer_scheme] = lambda: "master"  #! replaces the application's own check
              yield
              app.dependency_overrides.clear()

          def test_list(as_master, client):
              assert client.get("/berths").status_code == 200

          def test_list_refused(client):
              assert client.get("/berths").status_code in [200, 401]
        `,
        'harbour/auth.py': py`
          from fastapi.security import HTTPBearer

          bearer_scheme = HTTPBearer()
        `,
      },
    },
    {
      name: 'a scheme that refuses nobody, and a refusal that may be an error',
      good: {
        'tests/test_quays.py': py`
          import pytest
          from harbour import auth
          from harbour.main import app

          @pytest.fixture
          def as_master():
              app.dependency_overrides[auth.bearer_scheme] = lambda: "master"
              yield
              app.dependency_overrides.clear()

          def test_list(as_master, client):
              assert client.get("/quays").status_code == 200
        `,
        'harbour/auth.py': py`
          from fastapi.security import HTTPBearer

          if INSTALLED:
              bearer_scheme = HTTPBearer(auto_error=False)
        `,
        'tests/test_berths.py': py`
          import pytest
          from fastapi import status
          from harbour.auth import get_current_user
          from harbour.main import app

          @pytest.fixture
          def as_master():
              app.dependency_overrides[get_current_user] = lambda: "master"
              yield
              app.dependency_overrides.clear()

          def test_list(as_master, client):
              assert client.get("/berths").status_code == 200

          def test_list_refused(client):
              assert client.get("/berths").status_code in [401, status.HTTP_403_FORBIDDEN, status.HTTP_500_INTERNAL_SERVER_ERROR]
        `,
      },
    },
    {
      name: 'a test of the class takes the override back first',
      good: py`
        from harbour.auth import get_current_user
        from harbour.main import app

        class TestBerths:
            @classmethod
            def setup_class(cls):
                app.dependency_overrides[get_current_user] = lambda: "master"

            @classmethod
            def teardown_class(cls):
                app.dependency_overrides = {}

            def test_list(self, client):
                assert client.get("/berths").status_code == 200

            def test_list_as_stranger(self, client):
                app.dependency_overrides = {}
                assert client.get("/berths").status_code == 401
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

function overridden(node: Assignment): Expression | undefined {
  const dependency = overriddenBy(node)?.key;
  return dependency !== undefined && IDENTITY.test(dependency.text) ? dependency : undefined;
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
  const name = constantText(call.arguments[1]?.value.value);
  const value = call.arguments[2]?.value;
  if ((name !== 'authentication_classes' && name !== 'permission_classes') || value === undefined) return;
  const open = (value.type === 'list' || value.type === 'tuple') && value.items.every((it) => /(?:^|\.)AllowAny$/.test(it.text));
  if (open) yield finding(call, `\`${name}\` is replaced by \`${value.text}\`: the view lets everybody in`, file);
}

function finding(at: Assignment | Call, message: string, file: TestFile): Finding {
  const refusals = [...(file.class?.methods.keys() ?? [])].some(
    (it) => /^test/i.test(it) && /unauth|forbid|refus|denied|without_(?:token|login|credential)|anonymous|requires_(?:login|auth)/i.test(it),
  );
  // What a module does as it is imported holds for all its tests, also for those that expect a refusal.
  const claim = file.ownerOf(at) === undefined ? { claim: 'module' } : {};
  return { at: at.place, message, ...claim, ...(isShared(at, file) && !refusals ? {} : { kind: 'informational' }) };
}

// -------------------------------------------------------------------------------------------- overrides

function replaced(node: Assignment, dependency: Expression, file: TestFile): Finding {
  const what = `\`dependency_overrides[${dependency.text}]\``;
  const owner = file.ownerOf(node);
  if (isFactory(dependency, file))
    return { at: node.place, kind: 'informational', message: `${what} changes nothing where routes depend on what the factory returns` };
  const found = finding(node, `${what} replaces the application's own check of who asks`, file);
  if (canRefuse(node.value, owner, file)) return { ...found, kind: 'informational', message: `${found.message} with one that can refuse too` };
  return owner !== undefined && walk(owner.node).some(addsRoute) ? { ...found, kind: 'informational' } : found;
}

/** `HTTPBearer(auto_error=False)` only hands on what it finds, and refuses nobody: who is given that does. */
function isOptional({ refersTo }: Expression, file: TestFile): boolean {
  const made = refersTo === undefined ? undefined : file.initially(refersTo);
  if (made?.type !== 'call' || !/^fastapi\.security\./.test(made.callee ?? '')) return false;
  return isConstant(argument(made, 'auto_error')?.value ?? NOTHING, false);
}

/** Does the function of the workspace only make others? `Depends(get_current_user(rights))` depends on one of those, and no override of it. */
function isFactory(dependency: Expression, file: TestFile): boolean {
  const node = dependency.refersTo === undefined ? undefined : file.definition(dependency.refersTo)?.node;
  if (node === undefined || node.decorators.some((it) => /cache/.test(it.text))) return false;
  const made = node.body.flatMap((it) => (it.type === 'function' ? it.name : []));
  const last = node.body.at(-1);
  return last?.type === 'return' && (last.operands[0]?.type === 'lambda' || made.includes(last.operands[0]?.text ?? ''));
}

/** Does what stands in for the check raise a refusal: a function of the owner, or one of the workspace? */
function canRefuse(standIn: Expression | undefined, owner: FunctionSubject | undefined, file: TestFile): boolean {
  const name = standIn?.refersTo;
  const own = owner === undefined ? undefined : walk(owner.node).find((it) => it.type === 'function' && it !== owner.node && it.name === standIn?.text);
  const node = own ?? (name === undefined ? undefined : file.definition(name)?.node);
  return node !== undefined && walk(node).some((it) => it.type === 'raise' && isRefusal(it));
}

/** `raise HTTPException(401)`, `raise Unauthorized` */
function isRefusal({ operands: [raised] }: SimpleStatement): boolean {
  if (raised?.type === 'call') return isRefusalClass(raised.function) || raised.arguments.some((it) => refuses(it.value));
  return raised !== undefined && isRefusalClass(raised);
}

/** `@router.get("/probe")`: the test asks a route of its own, and is about something else. */
function addsRoute(it: Node): boolean {
  return (
    it.type === 'function' &&
    it.decorators.some((each) => each.type === 'call' && ROUTE.test(each.method) && constantText(each.arguments[0]?.value.value)?.startsWith('/') === true)
  );
}

const ROUTE = /^(?:get|post|put|patch|delete|route|api_route)$/;
const NOTHING = { kind: 'unknown' } as const;

// --------------------------------------------------------------------------------------------- refusals

/** Is access refused to a test that the check is in force for, of a route that is not there to log in? Asked of the first refusal of a test. */
function isRefusedInForce(at: Node, file: TestFile): boolean {
  const owner = file.ownerOf(at);
  if (owner?.role !== 'test' || file.skipped(at) || LOGS_IN.test(owner.node.text)) return false;
  const steps = walk(owner.node);
  if (steps.find((it) => refusalDemanded(it, refusesOrFails) !== undefined) !== at) return false;
  let isSwitched: boolean | undefined;
  for (const it of steps) {
    if (isSwitch(it, file)) isSwitched = true;
    else if (takenBackAt(it) !== undefined) isSwitched = false;
    else if (isSwitched !== true && refusalDemanded(it, refusesOrFails) !== undefined)
      return isSwitched === false || ![...setUpsOf(owner, file), ...file.fixturesFor(owner)].some((each) => switches(each, file));
  }
  return false;
}

/** A request to log in is refused for a wrong password, whatever is asked elsewhere. */
const LOGS_IN = /["'/](?:log[_-]?in|sign[_-]?in|tokens?|sessions?)\/?["'?]/i;
function switches(node: FunctionDefinition, file: TestFile): boolean {
  return walk(node).some((it) => isSwitch(it, file));
}

/** Does the node take authentication out, itself or by a function of the workspace that it calls? */
function isSwitch(it: Node, file: TestFile): boolean {
  if (it.type === 'assignment' && overridden(it) !== undefined) return true;
  if (it.type !== 'assignment' && it.type !== 'call') return false;
  if (settingsOf(it).some((each) => switchedOff(each) !== undefined)) return true;
  const called = it.type === 'call' && it.function.type === 'name' && it.callee !== undefined ? file.definition(it.callee)?.node : undefined;
  return called?.text.includes('dependency_overrides') === true && walk(called).some((each) => each.type === 'assignment' && overridden(each) !== undefined);
}
