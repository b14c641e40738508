import {
  ancestors,
  type Call,
  constantText,
  type Expression,
  type FunctionDefinition,
  type FunctionSubject,
  type Node,
  type Statement,
  type TestFile,
  walk,
} from '../model.ts';
import { raisesItself } from '../python/failures.ts';
import { credentialFromEnvironment, readsEnvironment } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** Compared with a text, or a condition: it opens nothing. Or used only where one asks for it, or with a text of the source in its place. */
function isAsked(call: Call, name: string): boolean {
  let it: Node = call;
  while (it.parent?.type === 'operation') it = it.parent;
  const { parent } = it;
  if (parent?.type === 'comparison' || (parent?.type === 'call' && /^(?:assert|skip_?(?:if|unless)$|xfail$)/i.test(parent.method))) return true;
  // Where a text of the source stands in its place, or an option of the command line comes first: who gives that means to.
  const either = call.parent?.type === 'operation' && call.parent.operator === 'or' ? call.parent : undefined;
  if (either !== undefined && (constantText(either.right.value) !== undefined || (either.left?.type === 'call' && either.left.method === 'getoption')))
    return true;
  for (const around of ancestors(call)) if (around.type === 'if' && walk(around.test).some((each) => isName(each, name))) return true;
  return (parent?.type === 'if' || parent?.type === 'while' || parent?.type === 'conditional') && parent.test === it;
}

function isName(it: Node, name: string): boolean {
  return it.type === 'string' && it.content === name;
}

/** Handed on under its own name, as `{'TOKEN': os.environ.get('TOKEN')}`, or of the test's own environment, which it gives or sets. */
function isPassedThrough(call: Call, name: string, owner: FunctionDefinition | undefined): boolean {
  const holder = call.parent?.type === 'fstring' ? call.parent : call;
  if (holder.parent?.type === 'dict' && holder.parent.entries.some((it) => it.value === holder && it.key !== undefined && isName(it.key, name))) return true;
  const sets = (it: Expression) => it.type === 'subscript' && it.object.refersTo === 'os.environ' && it.index.some((each) => constantText(each.value) === name);
  const gives = (it: Node) =>
    (it.type === 'dict' && it.entries.some((each) => each.key !== undefined && isName(each.key, name) && constantText(each.value.value) !== undefined)) ||
    (it.type === 'call' && it.method === 'setenv' && it.arguments.some((each) => isName(each.value, name)));
  return owner !== undefined && walk(owner).some((it) => gives(it) || (it.type === 'assignment' && it.targets.some(sets)));
}

/** Is the name that is given it, or one that is true with it only, asked for right after: `if token:`, `if not all([host, password]): return`? */
function isAskedLater(call: Call, owner: FunctionDefinition | undefined): boolean {
  const target = call.parent?.type === 'assignment' ? call.parent.targets[0] : undefined;
  if (owner === undefined || (target?.type !== 'name' && target?.type !== 'attribute')) return false;
  const names = new Set([target.text]);
  return walk(owner).some((it) => {
    if (it.type === 'assignment' && needed(it.value).some(({ text }) => names.has(text))) for (const each of it.targets) names.add(each.text);
    if (it.type !== 'if' || !walk(it.test).some((each) => (each.type === 'name' || each.type === 'attribute') && names.has(each.text))) return false;
    return names.has(it.test.text) || it.body.at(-1)?.type === 'return' || stops(it);
  });
}

/** `assert 'TOKEN' in os.environ`, `if 'TOKEN' not in os.environ: return` further up */
function isAskedBefore(call: Call, name: string, owner: FunctionDefinition | undefined): boolean {
  const statement = owner?.body.findIndex((it) => walk(it).includes(call)) ?? 0;
  return (owner?.body.slice(0, Math.max(0, statement)) ?? []).some((it) => {
    const asked = it.type === 'assert' ? it.operands[0] : it.type === 'if' && (it.body.at(-1)?.type === 'return' || stops(it)) ? it.test : undefined;
    const operator = it.type === 'assert' ? 'in' : 'not in';
    const isAsked = ({ parent }: Node) => parent?.type !== 'comparison' || parent.operators.includes(operator);
    return asked !== undefined && walk(asked).some((each) => isName(each, name) && isAsked(each));
  });
}

/** May a test, or the set-up of one, ask for what a name of the module holds? */
function asksItself({ role, node }: FunctionSubject): boolean {
  return /^(?:test|setup|class-setup|module-setup)$/.test(role) && /\bif\b/.test(node.text);
}

/** The credentials that the module takes from the environment, and a condition of the function asks for: `if not TOKEN: raise SkipTest`, `if TOKEN is not None:`. */
function constantsAsked(node: FunctionDefinition, file: TestFile): readonly string[] {
  return walk(node)
    .flatMap((it) => (it.type === 'if' ? truthsIn(it.test) : []))
    .flatMap((it) => {
      const given = it.type === 'name' ? file.constantHere(it.id, 'file') : undefined;
      return it.type === 'name' && given?.type === 'call' && credentialFromEnvironment(given) !== undefined ? it.id : [];
    });
}

/** What a condition asks to be there, or not to be: the parts of `not TOKEN`, `HOST and TOKEN is not None`. */
function truthsIn(test: Expression): readonly Expression[] {
  if (test.type === 'operation') return [test.left, test.right].flatMap((it) => (it === undefined ? [] : truthsIn(it)));
  if (test.type === 'comparison') return test.operators.every((it) => it.startsWith('is')) ? test.operands : [];
  return [test, ...needed(test)];
}

/** What must be true for it: the parts of `host and password`, `all([host, password])`, `bool(…)`. */
function needed(it: Expression | undefined): readonly Expression[] {
  if (it?.type === 'operation') return it.operator === 'and' ? [it.left, it.right].flatMap((each) => [each ?? [], needed(each)].flat()) : [];
  if (it?.type !== 'call' || !/^builtins\.(?:all|bool)$/.test(it.callee ?? '')) return [];
  const [given] = it.arguments;
  return given?.value.type === 'list' || given?.value.type === 'tuple' ? given.value.items : needed(given?.value);
}

/** Does it end what would come after: by an exception, a skip, the end of the program? */
function stops(it: Statement & { type: 'if' | 'while' }): boolean {
  return raisesItself(it.body) || walk(it).some((each) => each.type === 'call' && /^(?:skip(?:Test)?|exit)$/.test(each.method));
}

const SKIP = /skip_?(?:if|unless)\(|\bxfail\(/i;

function conditionsIn(marks: readonly Expression[]): readonly Expression[] {
  return marks.flatMap((it) => (it.type === 'call' && SKIP.test(it.text) ? it.arguments.slice(0, 1).map((each) => each.value) : []));
}

/** What must hold for the tests of a file: `pytestmark = pytest.mark.skipif(not token, …)`, `assert token is not None`, `if not token: sys.exit(…)`. */
function conditionsOf(it: Statement): readonly Expression[] {
  if (it.type === 'assert') return it.operands.slice(0, 1);
  if (it.type === 'if') return stops(it) || it.test.type === 'name' ? [it.test] : [];
  const marks = it.type === 'assignment' && it.targets[0]?.text === 'pytestmark' ? it.value : undefined;
  return marks === undefined ? [] : conditionsIn(marks.type === 'list' ? marks.items : [marks]);
}

/** The name, or the last of `Case.use_store`, and those that are true with it. */
function namesOf(it: Node, file: TestFile): readonly string[] {
  if (it.type !== 'name' && it.type !== 'attribute') return [];
  const given = it.type === 'name' ? (file.constantHere(it.id, 'file') ?? file.constantHere(it.id, 'class')) : file.initially(it.refersTo ?? '');
  return [it, ...needed(given)].flatMap((each) => (each.type === 'name' ? each.id : each.type === 'attribute' ? each.name : []));
}

/** The name of the module that holds it. */
function claimOf(call: Call, file: TestFile): { readonly claim?: string } {
  if (file.ownerOf(call) !== undefined) return {};
  for (const it of ancestors(call)) {
    const target = it.type === 'assignment' ? it.targets[0] : undefined;
    if (target?.type === 'name') return { claim: target.id };
  }
  return {};
}

export const rule = defineRule({
  id: 'credential-of-unknown-account',
  code: 'SEC-U05',
  category: 'credentials',
  title: 'Credential from the environment: whose account is it?',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Whether the credential opens a test account or a real one decides how much the test can break.',
  instead: 'Skip the test when the variable is absent, and say in the reason which account is meant.',
  limits:
    'Names of variables are judged, not their values; not one that a condition asks for first, that is handed on under its own name, a session token beside its key, that the function or its class sets itself, or that a fixture does nothing but return. What `tox.ini`, pytest-env, a workflow of a usual name, the compose file or `.env.test` gives one a value is read there.',
  links: ['https://docs.python.org/3/library/unittest.html#skipping-tests-and-expected-failures'],
  once: 'file',
  on: ['call', 'class', 'function', 'statement'],
  calls: (callee) => readsEnvironment(callee),
  statements: ['assignment', 'assert', 'if'],
  wants: (it) => {
    if (it.type === 'function subject') return it.node.decorators.some((each) => SKIP.test(each.text)) || asksItself(it);
    if (it.type === 'class facts') return it.decorators.some((each) => SKIP.test(each.text));
    return it.type === 'call' || (it.parent === undefined && conditionsOf(it).length > 0);
  },
  *check(call, file) {
    if (call.type !== 'call') {
      // The test is not run without what a name of the module holds.
      const isMarked = call.type === 'function subject' || call.type === 'class facts';
      const conditions = isMarked ? conditionsIn(call.type === 'class facts' ? call.decorators : call.node.decorators) : conditionsOf(call);
      const names = new Set(conditions.flatMap((it) => walk(it).flatMap((each) => namesOf(each, file))));
      if (call.type === 'function subject' && asksItself(call)) for (const it of constantsAsked(call.node, file)) names.add(it);
      for (const claim of names) yield { at: isMarked ? call.namePlace : call.place, message: `\`${claim}\` is asked`, claim, disproves: true };
      return;
    }
    const name = credentialFromEnvironment(call);
    if (name === undefined || isAsked(call, name) || file.guarded(call) || file.project.gives(name)) return;
    const subject = file.ownerOf(call);
    const owner = subject?.node;
    // It opens nothing without the key, which is asked for, or named, itself.
    const key = name.replace(/SESSION_TOKEN$/, 'SECRET_ACCESS_KEY');
    if (key !== name && owner !== undefined && walk(owner).some((it) => isName(it, key))) return;
    // Who asks for a fixture that only gives it may ask first.
    if (subject?.role === 'fixture' && [...ancestors(call)].some((it) => it.type === 'return')) return;
    const around = subject?.class;
    // An object that keeps what is there, sets its own and gives it back.
    const beside = [...(around?.methods.keys() ?? [])].map((it) => file.definition(`${around?.qualified ?? ''}().${it}`)?.node);
    if (![owner, ...beside].some((it) => isPassedThrough(call, name, it)) && !isAskedLater(call, owner) && !isAskedBefore(call, name, owner))
      yield { at: call.place, message: `\`${name}\` comes from the environment: whose account it opens cannot be seen`, ...claimOf(call, file) };
  },
  examples: [
    {
      name: 'with a guard',
      good: py`
        import os
        import pytest

        @pytest.mark.skipif("HARBOUR_TOKEN" not in os.environ, reason="no token")
        def test_login(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))
      `,
    },
    {
      name: 'with a guard that asks a name of the module',
      good: py`
        import os
        import unittest
        import pytest

        api_key = os.environ.get("HARBOUR_API_KEY")
        quay_key = os.environ.get("QUAY_API_KEY")

        @unittest.skipUnless(quay_key, "no key")
        class TestQuays(unittest.TestCase):
            key = quay_key

        @pytest.mark.skipif(not api_key, reason="no key")
        def test_login(client):
            client.login(api_key)
      `,
    },
    {
      name: 'asked by the file, and by set-up',
      good: py`
        import os
        import sys
        import unittest

        store_key = os.environ.get("STORE_ACCESS_KEY")
        assert store_key is not None, "please set STORE_ACCESS_KEY"
        berth_key = os.environ.get("BERTH_API_KEY")
        if not berth_key:
            sys.exit("please set BERTH_API_KEY")

        class TestStore(unittest.TestCase):
            def setUp(self):
                self.token = os.environ.get("STORE_TOKEN")
                if self.token is None:
                    raise Exception("STORE_TOKEN is not set")
                self.store = Store(self.token, store_key, berth_key)
      `,
    },
    {
      name: 'with a mark for the whole file, asked for where it is used, handed on, given back',
      good: py`
        import os
        import pytest
        from unittest import mock

        api_key = os.environ.get("HARBOUR_API_KEY")
        pytestmark = pytest.mark.xfail(not api_key, reason="no key")

        @pytest.mark.skipif(not os.environ.get("BERTH_TOKEN"), reason="no token")
        class TestBerths:
            def test_login(self, client):
                client.login(api_key)

        def test_devices(client):
            host = os.environ.get("HARBOUR_HOST")
            password = os.environ.get("HARBOUR_PASSWORD")
            if not all([host, password]):
                pytest.skip("no device")
            client.login(host, password)

        def test_tides(client):
            token = os.environ.get("TIDES_TOKEN")
            if not all([client, token]):
                print("no token")
                return False
            return client.login(token)

        def test_given(client, request):
            client.login(request.config.getoption("--token") or os.environ.get("STATION_TOKEN"))

        class TestStore:
            store_name = os.environ.get("STORE_NAME")
            store_password = os.environ.get("STORE_PASSWORD")
            use_store = (store_name and store_password)
            if use_store:
                os.environ["OS_PASSWORD"] = store_password
            berth_password = os.environ.get("BERTH_PASSWORD")
            use_berths = all([store_name, berth_password])

        @pytest.mark.skipif(not TestStore.use_berths, reason="no account")
        def test_berths(client):
            client.login(TestStore.berth_password)

        def test_store(client):
            name = os.environ.get("DEPOT_NAME")
            password = os.environ.get("DEPOT_PASSWORD")
            known = name and password
            if known:
                client.login(name, password)

        def test_old_token(client):
            token = os.environ.get("HARBOUR_OLD_TOKEN")
            if token:
                client.login(token)

        def secret_of(key):
            if key == "password" and os.environ.get("HARBOUR_PASS"):
                return os.environ.get("HARBOUR_PASS")
            return "made up"

        SPARE_TOKEN = os.getenv("SPARE_TOKEN") or "made-up"

        def start(container):
            container.run(env={"HARBOUR_TOKEN": f"{os.getenv('HARBOUR_TOKEN')}"})

        @pytest.fixture
        def gateway_key():
            return os.getenv("GATEWAY_API_KEY", os.getenv("SPARE_API_KEY"))

        class Environment:
            def __init__(self):
                self.before = os.getenv("QUAY_TOKEN")

            def __enter__(self):
                os.environ["QUAY_TOKEN"] = "made up"

        @mock.patch.dict(os.environ, {"KEY_PASSPHRASE": "made up"})
        def test_passphrase(login):
            assert login(os.getenv("KEY_PASSPHRASE"))

        def test_of_the_environment(login):
            before = os.environ.get("HARBOUR_SECRET")
            os.environ["HARBOUR_SECRET"] = "made up"
            try:
                assert login()
            finally:
                os.environ["HARBOUR_SECRET"] = before
      `,
    },
    {
      name: 'a name of the module that a set-up or a test asks for, and a variable that is asserted to be there',
      good: py`
        import os
        import unittest

        PLAIN_PASS = os.environ.get("PLAIN_PASS")
        TICKET_PASS = os.environ.get("TICKET_PASS")

        class TestPlain(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                if not PLAIN_PASS:
                    raise unittest.SkipTest("Must set PLAIN_PASS")

            def test_login(self):
                self.assertTrue(login(PLAIN_PASS))

            def test_ticket(self):
                if TICKET_PASS is not None:
                    self.assertTrue(login(TICKET_PASS))

        def put(store):
            assert "STORE_SECRET_KEY" in os.environ, "STORE_SECRET_KEY is missing"
            store.open(f"key='{os.getenv('STORE_SECRET_KEY')}'")
      `,
    },
    {
      name: 'what is nothing without a key that is asked for',
      good: py`
        import os

        def store():
            return Store(
                key=os.environ["AWS_SECRET_ACCESS_KEY"],
                session=os.environ.get("AWS_SESSION_TOKEN") or None,
            )
      `,
    },
    {
      name: 'without a guard',
      bad: py`
        import os

        def test_login(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))  #! cannot be seen
      `,
    },
    {
      name: 'with a guard that asks for something else',
      bad: py`
        import os

        def test_station(client):
            token = os.environ.get("STATION_TOKEN")  #! cannot be seen
            if not client.ready:
                return
            client.login(token)
      `,
    },
    {
      name: 'one that is asked for with another in its place',
      bad: py`
        import os
        import pytest

        name = os.environ.get("STATION_NAME")
        password = os.environ.get("STATION_PASSWORD")  #! cannot be seen
        known = name or password

        @pytest.mark.skipif(not known, reason="no account")
        def test_station(client):
            client.login(name, password)
      `,
    },
    {
      name: 'one that the settings of the project give a value',
      good: {
        'tests/settings.py': py`
          import os

          PASSWORD = os.getenv("DB_PASSWORD")
          SECRET = os.getenv("STORE_SECRET_KEY")
          KEEPER = os.getenv("KEEPER_PASSWORD")
        `,
        '.env.test': 'KEEPER_PASSWORD=made-up\n',
        '.github/workflows/ci.yml': 'jobs:\n  test:\n    env:\n      STORE_SECRET_KEY: made-up\n      BANK_TOKEN: ${{ secrets.BANK_TOKEN }}\n',
        'tox.ini': '[testenv]\nsetenv =\n    PYTHONPATH = {toxinidir}\n    postgres: DB_PASSWORD = {env:DB_PASSWORD:harbour}\n',
      },
    },
    {
      name: 'no credential, one that is asked or compared only, a switch',
      good: py`
        import os

        def test_login(client):
            client.login(os.environ.get("HARBOUR_URL"))
            if os.environ.get("HARBOUR_TOKEN"):
                assert os.environ.get("HARBOUR_TOKEN") == "made up"
                client.assertEqual(os.environ.get("HARBOUR_TOKEN"), "made up")
            client.use(os.environ.get("USE_TOKEN"))
      `,
    },
  ],
});
