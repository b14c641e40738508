import {
  ancestors,
  constantText,
  type FunctionDefinition,
  type FunctionSubject,
  type Node,
  type Patch,
  type QualifiedName,
  type TestFile,
  walk,
} from '../model.ts';
import { excludes } from '../python/blocks.ts';
import { PATCH_CALLEES } from '../python/mock.ts';
import { lastTwo } from '../python/names.ts';
import { NETWORK_CALLS } from '../python/network.ts';
import { calledFunctions, code } from '../python/patchers.ts';
import { securityStub } from '../python/security-mocks.ts';
import { securityCheck } from '../python/security-words.ts';
import { defineRule, py } from '../rule.ts';

const CLIENT = py`
  def send(amount):
      return amount
`;

const ROUTES = py`
  from fastapi import Depends, FastAPI
  from bank.client import session

  app = FastAPI()

  @app.get("/transfers")
  def transfers(books=Depends(session)):
      return books.all()
`;

export const rule = defineRule({
  id: 'patched-where-defined',
  code: 'MCK018',
  category: 'mocking',
  title: 'Patch target is where the name is defined, not where it is used',
  kind: 'review',
  kinds: ['fail', 'review'],
  confidence: 'medium',
  cwe: [1164],
  why: 'A module that did `from lib import func` has a name of its own for it. Patching `lib.func` does not touch that name, so the live function runs.',
  instead:
    'Patch the name in the module that uses it: `patch("module_under_test.func")`. What was given to `Depends` is replaced by `app.dependency_overrides[func]`.',
  limits:
    'Only modules of the workspace that the test file imports by name are looked at, and for a function only those that it uses itself. Where the patched name is called too, in its own module, the test must be seen to call what uses the other. Silent where what the file takes of the module, or the functions of it that the test calls, do not come to the name (as a function does not by its decorators, nor by one that the test replaces), or come to the patched one by a function beside it in another branch, where the test asserts that the stub was called, where `app.dependency_overrides` replaces the function too, and where the test stubs what leads to the other name.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#where-to-patch', 'https://fastapi.tiangolo.com/advanced/testing-dependencies/'],
  once: 'file',
  on: 'patch',
  patches: (target, form) => target !== '' && (form === 'patch' || form === 'mocker' || form === 'MockPatch'),
  *check(patch, file) {
    const { target } = patch;
    // A string names a place; an object that the test holds is the place itself.
    if (target === undefined || (patch.form !== 'patch' && patch.form !== 'mocker' && patch.form !== 'MockPatch') || patch.applied === 'unused') return;
    if (constantText(patch.call.arguments[0]?.value.value) === undefined) return;
    const user = file.importedBy(target);
    // A name of a helper of the tests is not in the way of the code under test.
    if (user === undefined || OF_TESTS.test(user.module) || alsoPatched(`${user.module}.${user.as}`, target, patch.owner, file, patch.call)) return;
    // Imported once more, it takes what is patched.
    if (patch.owner?.node.text.includes('reload(') === true) return;
    // Asserted to be called, so it is.
    if (securityStub(patch).verified !== undefined) return;
    const own = { ...user, target, replaced: replacedIn(patch), at: patch.call };
    if (file.overridesDependency(target) || comesHome(own, patch.owner, file)) return;
    const runs = !user.injected && callsThrough(own, patch.owner, file);
    if (!runs && (goesThrough(target, patch.owner, file) || (!user.injected && goesPast(own, patch.owner, file)))) return;
    if (!runs && (!uses(user.module, patch.owner) || importsByName(patch.owner) || file.usedAtHome(target) || isShutOff(user, patch.call, file))) return;
    if (!runs && !user.injected && isOutOfReach(own, patch.owner, file)) return;
    if (user.injected) {
      yield {
        at: patch.place,
        message: `${code(target, 44)} is patched, but \`Depends\` in \`${lastTwo(user.module)}\` holds the live function, and will call it`,
      };
      return;
    }
    const fix = {
      title: `Patch \`${user.module}.${user.as}\``,
      safety: 'suggest' as const,
      edits: [{ do: 'replace' as const, at: patch.call.arguments[0]?.place ?? patch.place, with: JSON.stringify(`${user.module}.${user.as}`) }],
    };
    const live = NETWORK_CALLS.has(target) || securityCheck(target) !== undefined;
    yield {
      at: patch.place,
      ...(runs && live ? { kind: 'fail' as const } : {}),
      message: `${code(target, 44)} is patched, but \`${lastTwo(user.module)}\` has its own name \`${user.as}\` for it, which stays live`,
      fix,
    };
  },
  examples: [
    {
      name: 'a function that the module took by name',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import transfer

          @mock.patch("bank.client.send", autospec=True)  #! which stays live
          def test_transfer(send):
              transfer.run(10)
        `,
        'bank/transfer.py': py`
          from bank.client import send

          def run(amount):
              return send(amount)
        `,
        'bank/client.py': CLIENT,
      },
    },
    {
      name: 'what the test calls comes to the patched name by another function of its module, too',
      good: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank.transfer import run

          @mock.patch("bank.client.send", autospec=True)
          def test_transfer(send):
              send.return_value = 10
              assert run(10, {}) == 10
        `,
        'bank/transfer.py': py`
          from bank.client import send, send_once

          def run(amount, sent=None):
              return send(amount) if sent is None else send_once(amount, sent)
        `,
        'bank/client.py': py`
          def send_once(amount, sent):
              return sent.get(amount) or send(amount)

          def send(amount):
              return amount
        `,
      },
    },
    {
      name: 'what comes to the patched name beside the live one is no other way',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank.transfer import run

          @mock.patch("bank.client.send", autospec=True)  #! which stays live
          def test_transfer(send):
              send.return_value = 10
              assert run(10) == 10
        `,
        'bank/transfer.py': py`
          from bank.client import send, ping

          def run(amount):
              if ping():
                  return send(amount)
        `,
        'bank/client.py': py`
          def ping():
              return send(0)

          def send(amount):
              return amount
        `,
      },
    },
    {
      name: 'another way leads through what is patched, as the test asserts',
      good: {
        'tests/test_transfer.py': py`
          import importlib
          from unittest import mock
          from bank import transfer

          @mock.patch("bank.client.send", autospec=True)
          def test_later(send):
              transfer.later(10)
              assert send.mock_calls == [mock.call(10)]

          @mock.patch("bank.client.send", autospec=True)
          def test_later_once(send):
              transfer.later(10)
              send.assert_called_once_with(10)

          @mock.patch("bank.client.send", lambda amount: 0)
          def test_again():
              importlib.reload(transfer)
              assert transfer.run(10) == 0
        `,
        'bank/transfer.py': py`
          from bank import client
          from bank.client import send

          def run(amount):
              return send(amount)

          def later(amount):
              return client.send(amount)
        `,
        'bank/client.py': CLIENT,
      },
    },
    {
      name: 'the test calls a module that goes through what is patched',
      good: {
        'tests/test_menus.py': py`
          from unittest import mock
          from bank import menus, orders

          class TestMenus:
              def test_menus(self):
                  with mock.patch("bank.client.send", return_value=1):
                      assert menus.show(10) == 1

              def test_orders(self):
                  assert orders.run(10)
        `,
        'bank/menus.py': 'from bank import client\n\ndef show(amount):\n    return client.send(amount)\n',
        'bank/orders.py': 'from bank.client import send\n\ndef run(amount):\n    return send(amount)\n',
        'bank/client.py': CLIENT,
      },
    },
    {
      name: 'a module that has the name for its types, and imports it again where it runs',
      good: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import transfer

          @mock.patch("bank.client.Letter", autospec=True)
          def test_transfer(letter):
              transfer.run(10)
        `,
        'bank/transfer.py': py`
          import typing

          if typing.TYPE_CHECKING:
              from bank.client import Letter

          def run(amount) -> "Letter":
              from bank.client import Letter

              return Letter(amount)
        `,
        'bank/client.py': py`
          class Letter:
              def __init__(self, amount):
                  self.amount = amount
        `,
      },
    },
    {
      name: 'a module that goes through the other one, is patched itself, or is not what the test is about',
      good: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import client, transfer

          @mock.patch("bank.client.check", autospec=True)
          def test_client(check):
              client.send(10)

          @mock.patch("bank.transfer.check", autospec=True)
          @mock.patch("bank.client.check", autospec=True)
          @mock.patch("bank.client.send", autospec=True)
          def test_transfer(send, a, b):
              transfer.run(10)
        `,
        'bank/transfer.py': py`
          from bank import client
          from bank.client import check

          def run(amount):
              return client.send(amount)
        `,
        'bank/client.py': py`
          def send(amount):
              return amount

          def check(amount):
              return True
        `,
      },
    },
    {
      name: 'patched in another module too, named for types alone, and a command that imports it by its name',
      good: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import audit, letters, transfer
          from tests.commands import call_command

          @mock.patch("bank.letters.check", autospec=True)
          @mock.patch("bank.client.check", autospec=True)
          def test_both(client_check, letters_check):
              transfer.run(10)

          @mock.patch("bank.client.Client", autospec=True)
          def test_given(client):
              audit.run(client)

          class TestCommand:
              @mock.patch("bank.client.check", autospec=True)
              def test_command(self, check):
                  call_command("send-all")
        `,
        'bank/transfer.py': 'from bank.client import check\n\ndef run(amount):\n    return check(amount)\n',
        'bank/letters.py': 'from bank.client import check\n\ndef send(amount):\n    return check(amount)\n',
        'bank/audit.py': 'from bank.client import Client\n\ndef run(client: Client) -> Client:\n    return client.audit()\n',
        'bank/client.py': py`
          class Client:
              def audit(self):
                  return self

          def check(amount):
              return True
        `,
      },
    },
    {
      name: 'the module calls what is patched itself, and the test calls nothing that uses the other name',
      good: {
        'tests/test_download.py': py`
          from unittest import mock
          from bank import api
          from bank.download import download

          def test_download():
              with mock.patch("bank.download.size", return_value=7):
                  assert download("a") == 7
              assert api.NAME
        `,
        'bank/api.py': py`
          from bank.download import size

          NAME = "bank"

          def sizes(names):
              return [size(it) for it in names]
        `,
        'bank/download.py': py`
          def size(name):
              return 0

          def download(name):
              return size(name)
        `,
      },
    },
    {
      name: 'the module calls what is patched itself, but the test goes the other way',
      bad: {
        'tests/test_download.py': py`
          from unittest import mock
          from bank import api

          def test_sizes():
              with mock.patch("bank.download.size", return_value=7):  #! which stays live
                  assert api.sizes(["a"]) == [7]
        `,
        'bank/api.py': py`
          from bank.download import size

          def sizes(names):
              return [size(it) for it in names]
        `,
        'bank/download.py': py`
          def size(name):
              return 0

          def download(name):
              return size(name)
        `,
      },
    },
    {
      name: 'a dependency of FastAPI, which keeps the function that it was given',
      bad: {
        'tests/test_transfer.py': py`
          import pytest
          from unittest import mock
          from bank import client
          from bank.routes import app

          @pytest.fixture
          def overridden():
              app.dependency_overrides[client.session] = list

          @mock.patch("bank.client.session", autospec=True)  #! holds the live function, and will call it
          def test_transfer(session, browser):
              assert browser(app).get("/transfers") == []
        `,
        'bank/routes.py': ROUTES,
        'bank/client.py': 'def session():\n    return 1\n',
      },
    },
    {
      name: 'a dependency that is overridden too, by the test or a fixture',
      good: {
        'tests/test_transfer.py': py`
          import pytest
          from unittest import mock
          from bank.client import session
          from bank.routes import app

          @pytest.fixture
          def live():
              with mock.patch("bank.client.session", autospec=True) as stub:
                  app.dependency_overrides[session] = lambda: stub
                  yield stub
              app.dependency_overrides.clear()

          def test_transfer(live, browser):
              assert browser(app).get("/transfers") == []
        `,
        'bank/routes.py': ROUTES,
        'bank/client.py': 'def session():\n    return 1\n',
      },
    },
    {
      name: 'the function that the test calls does not come to the name, though its module has it',
      bad: {
        'tests/test_gate.py': py`
          from unittest import mock
          from bank import gate

          def test_enter():
              with mock.patch("bank.client.seal", return_value="sealed"):
                  assert gate.enter("ann") == "ann"

          def test_renew():
              with mock.patch("bank.client.seal", return_value="sealed"):  #! which stays live
                  assert gate.renew("ann") == "sealed"
        `,
        'tests/test_gates.py': py`
          from unittest import mock
          from bank import gate

          def test_all():
              with mock.patch("bank.client.seal", return_value="sealed"):  #! which stays live
                  assert gate.enter("ann") == gate.GATES["renew"]("ann")
        `,
        'tests/test_doors.py': py`
          from unittest import mock
          from bank import gate

          door = Door(gate.app)

          def opened():
              return gate.renew("ann")

          def test_door():
              with mock.patch("bank.client.seal", return_value="sealed"):  #! which stays live; 3 times
                  assert gate.enter("ann") == door.get("/renew")

          def test_opened():
              with mock.patch("bank.client.seal", return_value="sealed"):
                  assert gate.enter("ann") == opened()

          def test_browser(browser):
              with mock.patch("bank.client.seal", return_value="sealed"):
                  assert gate.enter("ann") == browser.get("/renew")
        `,
        'tests/conftest.py': py`
          import pytest
          from bank import gate

          @pytest.fixture
          def browser():
              return Browser(gate.app)
        `,
        'bank/gate.py': py`
          from bank.client import seal

          def enter(name):
              return shown(name)

          def shown(name):
              return name

          def renew(name):
              return renewed(name)

          def renewed(name):
              return seal(name)

          GATES = {"enter": enter, "renew": renew}
        `,
        'bank/client.py': py`
          def seal(name):
              return name
        `,
      },
    },
    {
      name: 'what the file takes of the module does not come to the name: a constant, a decorator at import; what uses it is replaced too',
      bad: {
        'tests/test_crane.py': py`
          from unittest import mock
          from bank import client, crane
          from bank.crane import LIMIT, Crane
          from bank.hook import Hook
          from bank.wire import PREFIX

          class TestHook:
              @mock.patch("bank.client.seal", return_value="sealed")
              def test_prefix(self, seal):
                  assert Hook(PREFIX).lift() == "sealed"

              @mock.patch("bank.client.Ship")
              @mock.patch.object(Crane, "__init__", lambda self: None)
              def test_crane(self, ship):
                  assert Crane().limit() == LIMIT

              @mock.patch("bank.client.Ship")
              def test_ships(self, ship):
                  with mock.patch.object(client.Ship, "all", return_value=[]):
                      assert Crane().limit() == LIMIT

              @mock.patch("bank.client.choices", return_value=[])
              def test_choices(self, choices):
                  assert crane.chosen() == []

              @mock.patch("bank.client.Ship")  #! which stays live
              def test_live(self, ship):
                  assert Crane().limit() == LIMIT
        `,
        'bank/wire.py': py`
          from bank.client import seal

          PREFIX = "north"

          class Wire:
              def pull(self):
                  return seal("wire")
        `,
        'bank/hook.py': py`
          from bank import client

          class Hook:
              def __init__(self, name):
                  self.name = name

              def lift(self):
                  return self.sealed()

              def sealed(self):
                  return client.seal(self.name)
        `,
        'bank/crane.py': py`
          from bank.client import Ship, choices, option

          LIMIT = 10

          class Crane:
              def __init__(self):
                  self.ships: list[Ship] = Ship.all()

              def limit(self):
                  return LIMIT

          @option(choices())
          def chosen():
              return []
        `,
        'bank/client.py': py`
          class Ship:
              @classmethod
              def all(cls):
                  return [cls()]

          def seal(name):
              return name

          def choices():
              return []

          def option(values):
              return lambda function: function
        `,
      },
    },
    {
      name: 'what leads to the other name is stubbed around it',
      good: {
        'tests/test_stock.py': py`
          from unittest import mock
          from bank.stock import stock

          def test_count(browser):
              with mock.patch.object(stock, "count", lambda item: 7):
                  with mock.patch("bank.client.check", return_value=True):
                      assert browser.get("/stock/anchors") == 7
        `,
        'bank/stock.py': py`
          from bank.client import check

          class Stock:
              def item(self, name):
                  check(name)
                  return name

              def count(self, name):
                  return len(self.item(name))

          stock = Stock()
        `,
        'bank/client.py': py`
          def check(name):
              return True
        `,
      },
    },
    {
      name: 'the other name is one of a helper of the tests',
      good: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import transfer
          from bank.testing import fixtures

          @mock.patch("bank.client.send", autospec=True)
          def test_transfer(send):
              transfer.run(fixtures.amount())
        `,
        'bank/testing/fixtures.py': py`
          from bank.client import send

          def amount():
              return 10
        `,
        'bank/client.py': py`
          def send(amount):
              return amount
        `,
      },
    },
  ],
});

/** The name that a module has of its own, and what the test replaces. */
interface OwnName {
  readonly module: QualifiedName;
  readonly as: string;
  readonly taken: () => readonly string[] | undefined;
  readonly target: QualifiedName;
  readonly replaced: ReadonlySet<QualifiedName>;
  readonly at: Node;
}

/** What the patches of a function replace: but for a `with`, wherever in it they are in force. */
function replacedIn({ call, owner }: Patch): ReadonlySet<QualifiedName> {
  const names = new Set<QualifiedName>();
  const withs = [...ancestors(call)].filter((it) => it.type === 'with');
  const parts = withs.length === 0 ? walk(owner?.node ?? call) : [...(owner?.node.decorators ?? []), ...withs].flatMap((it) => walk(it));
  for (const it of parts) {
    if (it.type !== 'call' || !PATCH_CALLEES.has(it.callee ?? '')) continue;
    const [object, name] = it.arguments.map(({ value }) => value);
    const text = constantText(object?.value);
    names.add(text ?? `${object?.refersTo ?? ''}.${constantText(name?.value) ?? ''}`);
  }
  return names;
}

/** What runs when it is called: not its decorators, nor its defaults. */
function bodyOf(it: Node): readonly Node[] {
  return it.type === 'function' ? it.body.flatMap((each) => walk(each)) : walk(it);
}

/** Is the live thing used here: not for types, nor for an attribute that the test replaces? */
function isUse(it: Node, { as, target, replaced }: OwnName): boolean {
  if (it.type !== 'name' || it.id !== as) return false;
  const { parent } = it;
  if (parent?.type === 'attribute' && replaced.has(`${target}.${parent.name}`)) return false;
  return ![it, ...ancestors(it)].some((each) => each.parent?.type === 'assignment' && each.parent.annotation === each);
}

/** Does the test call a function of the module that uses the module's own name? */
function callsThrough(own: OwnName, owner: FunctionSubject | undefined, file: TestFile): boolean {
  if (owner === undefined) return false;
  return walk(owner.node).some((it) => {
    const callee = it.type === 'call' ? it.callee : undefined;
    if (callee?.startsWith(`${own.module}.`) !== true) return false;
    return [callee, `${callee}().__init__`].some((each) => {
      const body = own.replaced.has(each.replace('()', '')) ? undefined : file.definition(each)?.node;
      return body !== undefined && bodyOf(body).some((one) => isUse(one, own));
    });
  });
}

/** Does the test call a function of the workspace that asks the module itself for it: `client.send()`? */
function goesThrough(target: QualifiedName, owner: FunctionSubject | undefined, file: TestFile): boolean {
  return calledFunctions(owner, file).some((body) => walk(body).some((it) => it.type === 'attribute' && it.refersTo === target));
}

/** Does a function that the test calls go on, in another branch than its own name, to one of the module that is patched, which calls the name there? */
function comesHome(own: OwnName, owner: FunctionSubject | undefined, file: TestFile): boolean {
  const at = own.target.lastIndexOf('.') + 1;
  const [home, name] = [own.target.slice(0, at), own.target.slice(at)];
  const callsName = (it: Node) => bodyOf(it).some((each) => each.type === 'call' && each.function.type === 'name' && each.function.id === name);
  return calledFunctions(owner, file).some((body) => {
    const live = bodyOf(body).filter((it) => isUse(it, own));
    return bodyOf(body).some((it) => {
      const callee = it.type === 'call' && live.length > 0 && live.every((each) => excludes(it, each)) ? it.callee : undefined;
      const sibling = callee?.startsWith(home) === true ? file.definition(callee)?.node : undefined;
      return sibling !== undefined && callsName(sibling);
    });
  });
}

/** Are functions all that the test takes of the module, each called at once, and comes none of them to the module's own name? */
function goesPast(own: OwnName, owner: FunctionSubject | undefined, file: TestFile): boolean {
  const called = owner === undefined ? undefined : calledOf(own.module, owner, file);
  return owner !== undefined && called !== undefined && called.size > 0 && !isReachedElsewhere(own.module, owner, file) && !comesTo(own, called, file);
}

/** Comes nothing that the file takes of the module to the module's own name? */
function isOutOfReach(own: OwnName, owner: FunctionSubject | undefined, file: TestFile): boolean {
  const { module, as } = own;
  if (owner === undefined || isReachedElsewhere(module, owner, file)) return false;
  const taken = own.taken();
  if (taken === undefined || taken.includes(as)) return false;
  const functions = functionsOf(module, file);
  const bodies = taken.map((it) => {
    const name = `${module}.${it}`;
    const definition = file.definition(name);
    if (definition !== undefined)
      return functions.filter(({ names }) => !isReplaced(names, own, file) && names.some((each) => each === name || each.startsWith(`${name}().`)));
    const value = file.initially(name);
    // What was made may call whatever it was told of.
    return value === undefined || walk(value).some((each) => each.type === 'call') ? undefined : [{ node: value }];
  });
  return !bodies.includes(undefined) && !comesTo(own, new Set(bodies.flatMap((it) => it?.map(({ node }) => node) ?? [])), file);
}

function isReplaced(names: readonly QualifiedName[], { replaced, at }: OwnName, file: TestFile): boolean {
  return names.some((it) => replaced.has(it) || file.stubbed(it, at) !== undefined);
}

/** Does what runs come to the module's own name, by the names of functions of the module? */
function comesTo(own: OwnName, from: ReadonlySet<Node>, file: TestFile): boolean {
  const functions = new Map<string, Own[]>();
  for (const it of functionsOf(own.module, file)) {
    // A class of the module that is made runs its own `__init__`.
    const name = it.node.name === '__init__' ? (it.names.at(-1)?.split('.').at(-2) ?? '') : it.node.name;
    functions.set(name, [...(functions.get(name) ?? []), it]);
  }
  const met = new Set<string>();
  const bodies = new Set(from);
  for (const body of bodies) {
    for (const it of bodyOf(body)) {
      const name = nameOf(it);
      if (isUse(it, own)) return true;
      if (name === '' || met.has(name)) continue;
      met.add(name);
      for (const each of functions.get(name) ?? []) if (!isReplaced(each.names, own, file)) bodies.add(each.node);
      // What the module keeps may hold functions of it.
      const value = file.initially(`${own.module}.${name}`);
      if (value !== undefined) bodies.add(value);
    }
  }
  return false;
}

/** The functions of a module that a test calls; undefined where it takes anything else of it. */
function calledOf(module: QualifiedName, owner: FunctionSubject, file: TestFile): ReadonlySet<FunctionDefinition> | undefined {
  const called = new Set<FunctionDefinition>();
  for (const it of walk(owner.node)) {
    const name = it.type === 'name' || it.type === 'attribute' ? it.refersTo : undefined;
    if (name?.startsWith(`${module}.`) !== true || name.includes('(')) continue;
    const definition = file.definition(name);
    if (definition?.kind !== 'function' || definition.node === undefined) return undefined;
    if (it.parent?.type !== 'call' || it.parent.function !== it) return undefined;
    called.add(definition.node);
  }
  return called;
}

/** Does a fixture of the test, a function that it calls or a name of its file take something of the module: `browser = TestClient(gate.app)`? */
function isReachedElsewhere(module: QualifiedName, owner: FunctionSubject, file: TestFile): boolean {
  if ([...file.fixturesFor(owner)].some((it) => names(module, it))) return true;
  return walk(owner.node).some((it) => {
    const called = it.type === 'call' && it.callee?.startsWith(`${module}.`) === false ? file.definition(it.callee)?.node : undefined;
    const other = it.type === 'name' ? file.constantHere(it.id, 'file') : called;
    return other !== undefined && names(module, other);
  });
}

/** Does a function name anything of the module? What a class keeps in `self` may be of any. */
function uses(module: QualifiedName, owner: FunctionSubject | undefined): boolean {
  if (owner === undefined || owner.class !== undefined || (owner.role !== 'test' && owner.role !== 'helper')) return true;
  return names(module, owner.node);
}

function names(module: QualifiedName, node: Node): boolean {
  return walk(node).some((it) => (it.type === 'name' || it.type === 'attribute') && `${it.refersTo ?? ''}.`.startsWith(`${module}.`));
}

/** Does the test stub a function of the module that leads to the module's own name? Then nothing tells that it is come to in another way. */
function isShutOff({ module, as }: { readonly module: QualifiedName; readonly as: string }, at: Node, file: TestFile): boolean {
  const functions = functionsOf(module, file);
  const leading = new Set([as]);
  const found = new Set<Own>();
  for (let step = 0; step < 4; step++) {
    const more = functions.filter((it) => !found.has(it) && walk(it.node).some((each) => leading.has(nameOf(each))));
    if (more.some((it) => it.names.some((each) => file.stubbed(each, at) !== undefined))) return true;
    for (const it of more) {
      found.add(it);
      leading.add(it.node.name);
    }
  }
  return false;
}

function nameOf(it: Node): string {
  return it.type === 'name' ? it.id : it.type === 'attribute' ? it.name : '';
}

/** A function of a module, with the names by which it can be replaced. */
interface Own {
  readonly node: FunctionDefinition;
  readonly names: readonly QualifiedName[];
}

/** The functions of a module, those of its classes too: `Shop.buy`, and `shop.buy` where the module makes a `shop = Shop()`. */
function functionsOf(module: QualifiedName, file: TestFile): readonly Own[] {
  const members = file.membersOf(module);
  const made = members.flatMap((it) => {
    const value = file.initially(`${module}.${it}`);
    return value?.type === 'call' && value.callee !== undefined ? [{ name: `${module}.${it}`, of: value.callee }] : [];
  });
  const own = (names: readonly QualifiedName[]): readonly Own[] => {
    const definition = file.definition(names[0] ?? '');
    return definition?.node === undefined || !definition.qualified.startsWith(`${module}.`) ? [] : [{ node: definition.node, names }];
  };
  return members.flatMap((member) => {
    const name = `${module}.${member}`;
    if (file.definition(name)?.kind !== 'class') return own([name]);
    const holders = [`${name}()`, name, ...made.filter((it) => it.of === name).map((it) => it.name)];
    return file.membersOf(name).flatMap((it) => own(holders.map((each) => `${each}.${it}`)));
  });
}

const OF_TESTS = /(?:^|\.)(?:tests?|testing|conftest|fixtures?|test_\w+)(?:\.|$)/;

/** `import_module('commands.send-all')`, `call_command('send-all')`: what is imported while the patch is in force takes what is patched. */
function importsByName(owner: FunctionSubject | undefined): boolean {
  return owner !== undefined && /\b(?:import_module|call_command)\(/.test(owner.node.text);
}

/** Does the same test also patch the name in the module that uses it, or in any that does? */
function alsoPatched(name: string, target: QualifiedName, owner: FunctionSubject | undefined, file: TestFile, at: Node): boolean {
  const last = target.slice(target.lastIndexOf('.'));
  if (owner !== undefined) {
    for (const it of walk(owner.node)) if (it.type === 'string' && (it.content === name || (it.content !== target && it.content.endsWith(last)))) return true;
  }
  return file.stubbed(name, at)?.place !== undefined && owner?.node.text.includes(name) === true;
}
