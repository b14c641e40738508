import { ancestors, argument, type Expression, type Patch, statementOf, type TestFile, walk } from '../model.ts';
import { MOCK_TYPES, makesMock } from '../python/mock.ts';
import { mockLike } from '../python/mock-assertions.ts';
import { calledFunctions, code, injected, nameOfMock } from '../python/patchers.ts';
import type { Finding } from '../rule.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'mock-class-as-instance',
  code: 'MCK016',
  category: 'mocking',
  title: 'Mock class used where an instance is meant',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [628],
  peers: { hacking: ['N367', 'N368'] },
  why: 'The class itself becomes the stub: calls make new mocks instead of being recorded, and attributes set on it stay on the class for all later tests.',
  instead: 'Write `mock.Mock()`, or pass the class as `new_callable`.',
  limits:
    'Classes that are passed through a variable are followed only within the function. What stands for a class, by its name, may be a class, as may what a computed target means, what a mock answers may only be handed through, and the class as an attribute makes a mock with each call, which may be all that is needed, as `AsyncMock` does wherever it stands: points to decide. A replacement that the test asks for nothing and sets nothing on, and that no function which the test calls is seen to give an argument by position, is a note; a point to decide where the test hands it on. It is a note where the test names the mock that gives the answer nowhere. So is what is set on the class where the same function or statement lets it stand for a class.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.patch'],
  once: 'file',
  alike: true,
  on: ['patch', 'call', 'assignment'],
  calls: (callee) => makesMock(callee),
  wants: (it) => {
    if (it.type === 'assignment') return isMockType(it.value) || it.targets.some((each) => each.type === 'attribute' && isMockType(each.object));
    return argument(it.type === 'patch' ? it.call : it, 'return_value') !== undefined || (it.type === 'patch' && isMockType(replacementIn(it)));
  },
  *check(subject, file) {
    if (subject.type === 'patch') {
      const given = replacementIn(subject);
      if (isMockType(given)) {
        // A class may stand for a class, which is told by the name where that is written.
        const written = subject.call.arguments.slice(0, 2).some(({ value }) => value.type === 'string');
        const forClass = subject.target !== undefined && (isClassName(last(subject.target)) || file.definition(subject.target)?.kind === 'class');
        const use = useOf(subject, file);
        if (forClass && use === 'none') yield* perCall(given, 'informational');
        else {
          const found = judged(given, 'replaces it');
          if (!written || forClass || use === 'handed on') yield* decidable(found);
          else if (use === 'asked' || isGivenByPosition(subject, file)) yield* found;
          else yield* decidable(found, 'informational');
        }
      }
      for (const it of answers(argument(subject.call, 'return_value'))) yield isLookedAt(subject) ? it : { ...it, kind: 'informational' };
      return;
    }
    if (subject.type === 'call') {
      if (makesMock(subject.callee)) yield* answers(argument(subject, 'return_value'));
      return;
    }
    const { value } = subject;
    if (value === undefined) return;
    for (const it of subject.targets) {
      if (it.type !== 'attribute') continue;
      if (it.name === 'return_value') yield* answers(value);
      else if (mockLike(it.object) !== 'no') {
        // Called as a `side_effect`, the class makes what it answers: with the properties that it is given.
        // `m.__class__ = Mock`: it says what it is.
        if (!isClassName(it.name) && it.name !== 'side_effect' && !it.name.startsWith('__')) yield* decidable(judged(value, 'becomes the attribute'));
      } else if (isMockType(it.object) && !isClassOfMock(it.object) && !it.name.startsWith('__')) {
        yield {
          at: it.place,
          ...(standsForClass(it.object, file) ? { kind: 'review' as const } : {}),
          message: `${code(it)} is set on the class \`${last(it.object.refersTo)}\` itself, for every mock of the process`,
        };
      }
    }
  },
  examples: [
    {
      name: 'the class as replacement and as answer',
      bad: py`
        from unittest import mock

        def test_transfer():
            opened = mock.Mock(return_value=mock.MagicMock)  #! itself is the answer
            with mock.patch("bank.client.send", new=mock.Mock) as send:
        #                                           ^^^^^^^^^ the class \`Mock\` itself replaces it
                assert transfer(opened) and send.called
      `.replaceAll('\\', ''),
      fixed: py`
        from unittest import mock

        def test_transfer():
            opened = mock.Mock(return_value=mock.MagicMock())
            with mock.patch("bank.client.send", new=mock.Mock()) as send:
                assert transfer(opened) and send.called
      `,
    },
    {
      name: 'a target that is computed',
      bad: py`
        import sys
        from unittest import mock

        def test_log(client):
            name = "io.TextIOWrapper" if sys.version > "3" else "builtins.file"
            with mock.patch(name, mock.MagicMock):  #! itself replaces it
                client.log = open("log")
      `,
    },
    {
      name: 'in the place of a class; of what the test asks for nothing, or only sees again; and called with an argument by position',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import client

          @mock.patch("bank.client.Client", new=mock.Mock)  #! each call makes another mock
          def test_transfer(transfer):
              assert transfer(10)

          @mock.patch("bank.client.send", new=mock.Mock)  #! an instance is meant; 3 times, also lines 10, 19
          def test_kept(transfer):
              with mock.patch.object(client, "kept", mock.Mock) as kept:
                  assert transfer(10) == kept

          @mock.patch("bank.client.send", new=mock.Mock)  #! an instance is meant
          def test_pay():
              with mock.patch("bank.client.Client", mock.Mock) as made:  #! an instance is meant
                  client.pay(10)
              assert made.called

          @mock.patch("bank.client.audit", new=mock.Mock)
          class TestAudit:
              def test_audit(self):
                  with mock.patch.object(client, "kept", mock.Mock):  #! an instance is meant
                      client.kept.limit = 3
                      assert client.pay(10)
        `,
        'bank/client.py': py`
          kept = None

          class Client:
              pass

          def pay(amount):
              send(amount)

          def send(amount):
              audit(amount=amount)

          def audit(amount):
              pass
        `,
      },
    },
    {
      name: 'set on the class, which stands for one',
      bad: py`
        from unittest import mock

        def setup_module():
            harbour = mock.MagicMock()
            harbour.Manager = mock.MagicMock
            mock.MagicMock.erase = mock.MagicMock(name="erase")  #! for every mock of the process

        def test_erase(berths):
            mock.MagicMock.erase = mock.MagicMock()  #! for every mock of the process
            assert berths.erase()
      `,
      alsoFinds: ['MCK005'],
    },
    {
      name: 'an attribute that makes a mock with each call',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.connect", mock.AsyncMock)  #! each call makes another mock, and none is recorded
        def test_transfer(transfer):
            bank = mock.Mock()
            bank.cursor = mock.AsyncMock  #! each call makes another mock, and none is recorded
            bank.session = mock.MagicMock  #! an instance is meant
            assert transfer(bank, 10)
      `,
    },
    {
      name: 'as the answer of a mock that the test does not look at',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send", return_value=mock.NonCallableMock)  #! itself is the answer
        def test_transfer(send):
            assert transfer(10)

        @mock.patch("bank.client.ask", return_value=mock.NonCallableMock)  #! itself is the answer
        def test_ask(ask):
            assert transfer(10)
            assert ask.called
      `,
    },
    {
      name: 'instances, factories and specifications',
      good: py`
        from unittest import mock

        @mock.patch("bank.client.Client", new_callable=mock.Mock)
        @mock.patch("bank.client.send", new=mock.Mock())
        def test_transfer(client):
            other = mock.Mock(spec=mock.Mock)
            assert isinstance(client, mock.Mock)
      `,
    },
    {
      name: 'the class that every mock has for itself, and a stand-in for a class',
      good: py`
        from unittest import mock

        def test_disk(ports):
            disk = mock.Mock()
            disk.__class__.__name__ = "VirtualDisk"
            disk.tags.__class__ = mock.MagicMock
            mock.Mock.__getattr__ = strict(mock.Mock.__getattr__)
            with mock.patch("harbour.disks.wwn") as wwn:
                wwn.WWN = mock.Mock
                disk.create_port.side_effect = mock.Mock
                assert ports(disk)
      `,
    },
  ],
});

/** Does the test name the mock that a decorator gives it? */
function isLookedAt({ applied, call, owner }: Patch): boolean {
  if (applied !== 'decorator' || owner === undefined) return true;
  const given = injected(owner.node).find((it) => it.call === call)?.parameter;
  return given === undefined || owner.node.body.some((it) => walk(it).some((each) => each.type === 'name' && each.id === given));
}

/**
 * What the test does with what stands there now, by the name that it is given or by what it replaces. To ask it or to set something on it
 * wants an instance; compared with what comes out again, the class serves as well as any object.
 */
function useOf(patch: Patch, file: TestFile): 'asked' | 'handed on' | 'none' {
  const { call, owner, target } = patch;
  // Of a class, whose tests are not at hand.
  if (owner === undefined) return target !== undefined && file.namedElsewhere(last(target)) ? 'handed on' : 'none';
  const statement = statementOf(call);
  const name = nameOfMock(patch) ?? (statement?.type === 'assignment' ? statement.targets[0]?.text : undefined);
  if (name?.startsWith('self.') === true && file.namedElsewhere(name.slice('self.'.length))) return 'asked';
  const [object, attribute] = call.arguments.map(({ value }) => value);
  const path = attribute?.type === 'string' ? `${object?.text}.${attribute.content}` : undefined;
  let use: 'handed on' | 'none' = 'none';
  for (const it of walk(owner.node)) {
    if (it.type !== 'name' && it.type !== 'attribute') continue;
    if (it.text !== name && it.text !== path && (target === undefined || it.refersTo !== target)) continue;
    const { parent } = it;
    if (parent?.type === 'attribute') return 'asked';
    if (parent?.type === 'call' && parent.function !== it && !/^assert/.test(parent.method)) use = 'handed on';
  }
  return use;
}

/** Does a function of the workspace that the test calls give it an argument by position, which a mock takes for what it is to be like? */
function isGivenByPosition({ owner, target }: Patch, file: TestFile): boolean {
  if (target === undefined) return false;
  return calledFunctions(owner, file).some((body) =>
    walk(body).some((it) => it.type === 'call' && it.callee === target && it.arguments.some((each) => each.keyword === undefined && each.unpack !== '**')),
  );
}

function positionalNew(form: string, given: readonly Expression[]): Expression | undefined {
  return given[form === 'patch' || form === 'MockPatch' ? 1 : 2];
}

/** `PORT`, `Port`: a name of a class, which a class may stand for. */
function isClassName(name: string): boolean {
  return /^_*[A-Z]/.test(name);
}

/** `fake.Manager = mock.MagicMock` beside it: the class is what the code under test derives from, and what is set on it is meant for that. */
function standsForClass(it: Expression, file: TestFile): boolean {
  const around = file.ownerOf(it)?.node ?? [...ancestors(it)].at(-1);
  return (
    around !== undefined &&
    walk(around).some(
      (each) =>
        each.type === 'assignment' &&
        isMockType(each.value) &&
        each.value.refersTo === it.refersTo &&
        each.targets.some((one) => one.type === 'attribute' && isClassName(one.name)),
    )
  );
}

/** `m.__class__`: each mock has a subclass of its own, made with it; so has `type(m)`, which is no name. */
function isClassOfMock(it: Expression): boolean {
  return it.type === 'attribute' && it.name === '__class__';
}

/** What a patch puts in place, where it is one to ask for instances. */
function replacementIn({ call, form }: Patch): Expression | undefined {
  const named = argument(call, 'new');
  if (named !== undefined || form === 'stub_out' || form === 'MonkeyPatch' || form === 'monkeypatch') return named;
  return positionalNew(
    form,
    call.arguments.filter((it) => it.keyword === undefined).map((it) => it.value),
  );
}

function isMockType(it: Expression | undefined): it is Expression & { type: 'name' | 'attribute' } {
  return (it?.type === 'name' || it?.type === 'attribute') && MOCK_TYPES.has(it.refersTo ?? '');
}

/** A test may hand the class through as it would any object, to see it come out again. */
function* answers(given: Expression | undefined): Iterable<Finding> {
  if (given !== undefined) yield* decidable(judged(given, 'is the answer'));
}

/** What may be meant stays as it is unless somebody says otherwise. */
function* decidable(found: Iterable<Finding>, kind: 'review' | 'informational' = 'review'): Iterable<Finding> {
  for (const { fix, ...it } of found) yield { ...it, kind, ...(fix === undefined ? {} : { fix: { ...fix, safety: 'suggest' } }) };
}

function* judged(it: Expression, how: string): Iterable<Finding> {
  if (!isMockType(it)) return;
  const name = last(it.refersTo);
  // Called, the class gives a mock whose methods are awaited, at once; an instance would have to be awaited first.
  if (name === 'AsyncMock') yield* perCall(it, 'review', how);
  else
    yield {
      at: it.place,
      message: `the class \`${name}\` itself ${how}: an instance is meant`,
      fix: { title: `Make an instance of \`${name}\``, safety: 'safe', edits: [replace(it, `${it.text}()`)] },
    };
}

/** The class does what a class does. */
function* perCall(it: Expression, kind: 'review' | 'informational', how = 'replaces it'): Iterable<Finding> {
  yield { at: it.place, kind, message: `the class \`${last(it.refersTo)}\` itself ${how}: each call makes another mock, and none is recorded` };
}

function last(name: string | undefined): string {
  return name?.split('.').at(-1) ?? '';
}
