import { type Call, type Raises, type Statement, type TestFile, walk } from '../model.ts';
import { calledBy, following, isAssertion, isBroadClass, isFailure, isTidying, risky, running } from '../python/failures.ts';
import { short, unpatched } from '../python/inspection.ts';
import { isColumn } from '../python/parametrize.ts';
import { defineRule, deleteStatement, type Fix, insertBefore, py } from '../rule.ts';

export const rule = defineRule({
  id: 'several-calls-in-raises-block',
  code: 'ERR003',
  category: 'errors',
  title: 'more than one statement inside a block that expects an exception',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [754],
  peers: { ruff: ['PT012', 'PT031'], sonar: ['S5778'], bugbear: ['B908'] },
  why: 'The block passes when the preparation fails, and then the statement that was meant to be refused never ran.',
  instead: 'Prepare before the block, and leave one statement in it.',
  limits:
    'Blocks that expect warnings are not looked at: a warning ends nothing; nor are those whose message is compared. Subscripts, attributes and operators are taken as harmless where a statement comes after them; a `with` inside counts as one statement, and what `monkeypatch` is told to set as none. To be decided on is only what is seen: the same function called again with other arguments at the end of the block (a method may need what was called on its object before), or a call of a function that stands beside the expected class and raises it. All else is a note: what stands before the one that is meant seldom raises its error.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-raises-with-multiple-statements/'],
  once: 'class',
  yieldsTo: ['unreachable-assertion'],
  on: 'raises',
  *check(raises, file) {
    if (raises.what !== 'raises' || raises.form !== 'with' || raises.body.some((it) => it.type === 'broken')) return;
    const statements = risky(unpatched(raises.body));
    // What comes after the last call and only compares is another rule's matter.
    let end = statements.at(-1);
    // The test raises it itself, to see what a context manager does with it.
    if (end?.type === 'raise' && end.operands[0]?.text.includes('fail(') !== true) return;
    while (end !== undefined && statements.length > 1 && (isAssertion(end) || isFailure(end))) {
      statements.pop();
      end = statements.at(-1);
    }
    // What only looks raises another error than the one that is meant.
    if (!raises.exceptions.some((it) => isBroadClass(it) || /Assertion|failureException|Failed/.test(it.text)))
      while (statements[0] !== undefined && statements.length > 1 && isAssertion(statements[0])) statements.shift();
    const [first] = statements;
    const last = statements.at(-1);
    if (first === undefined || last === undefined || statements.length < 2) return;
    if (raises.exceptions.length > 0 && raises.exceptions.every((it) => FROM_ELSEWHERE.test(it.text))) return;
    if (raises.match !== undefined || comparesMessage(raises)) return; // which one it was, the message tells
    const told = isEitherMeant(raises, statements);
    const again = told ? undefined : calledAgain(statements);
    const raiser = told ? undefined : raisesAlready(raises, statements, file);
    if (again === undefined && raiser === undefined && isTidying(statements.slice(1))) return;
    yield {
      at: raises.place,
      ...(again !== undefined
        ? { message: `\`${short(again.function.text, 40)}\` is called several times here: once one call raises, those after it never run` }
        : raiser !== undefined
          ? { message: `\`${short(raiser.function.text, 40)}\` raises this error too: it may come from there, and not from what is meant` }
          : { kind: 'informational', message: 'several statements may raise here: which one did, its class alone does not tell' }),
      trail: [
        { at: raiser?.place ?? first.place, note: 'may raise already' },
        { at: last.place, note: 'never runs then' },
      ],
      ...fixOf(raises, last),
    };
  },
  examples: [
    {
      name: 'the preparation raises the same error',
      bad: {
        'tests/test_manifest.py': py`
          import pytest
          from harbour import manifest

          def test_draught(folder):
              with pytest.raises(manifest.ManifestError):  #! raises this error too
                  deep = manifest.load(folder)
                  manifest.check(deep)
        `,
        'harbour/manifest.py':
          'class ManifestError(Exception):\n    pass\n\ndef load(path):\n    if not path:\n        raise ManifestError(path)\n    return path\n\ndef check(it):\n    raise ManifestError(it)\n',
        'harbour/__init__.py': '',
      },
    },
    {
      name: 'the same call again',
      bad: py`
        import unittest

        class TestSyntax(unittest.TestCase):
            def test_names(self):
                with self.assertRaises(SyntaxError):  #! those after it never run
                    compile("except a.b", "?", "exec")
                    compile("except a[b]", "?", "exec")
      `,
    },
    {
      name: 'the same call again is preparation',
      bad: py`
        import pytest

        def test_unconnected(charts):
            with pytest.raises(charts.NoPath):  #! its class alone does not tell
                chart = charts.Chart()
                chart.add("quay")
                chart.add("bay")
                charts.path(chart, "quay", "bay")

        def test_limit(till):
            with pytest.raises(till.Empty):
                till.take()
                till.take()
      `,
    },
    {
      name: 'a method that builds on what it has done before, and what is printed',
      bad: py`
        import pytest
        import till

        def test_conflict():
            drawer = till.Drawer()
            with pytest.raises(till.Conflict):  #! its class alone does not tell
                drawer.put(3, "gold")
                drawer.put(0, "gold")

        def test_gone(till):
            with pytest.raises(till.Gone):
                found = till.drawer(3)
                print("till:", till.name())
                print("drawer:", found.name())
      `,
    },
    {
      name: 'the test says that more than one may be it',
      bad: py`
        import pytest

        @pytest.mark.parametrize("head, body", [("200", b""), (200, "text")])
        def test_refuses(stream, head, body):
            with pytest.raises(TypeError):  #! its class alone does not tell
                stream.send({"head": head})
                stream.send({"body": body})

        def test_timeout(sock):
            with pytest.raises(ConnectionError):
                sock.send(b"ship")
                if sock.recv(9) == b"":
                    raise ConnectionError
      `,
    },
    {
      name: 'what is meant is no call',
      bad: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises(KeyError):  #! its class alone does not tell
                basket = shop.basket()
                basket["gold"]
      `,
      fixed: py`
        import pytest

        def test_refuses(shop):
            basket = shop.basket()
            with pytest.raises(KeyError):
                basket["gold"]
      `,
    },
    {
      name: 'preparation inside the block',
      bad: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises(ValueError):  #! its class alone does not tell
                basket = shop.basket()
                basket.buy(-1)
      `,
      fixed: py`
        import pytest

        def test_refuses(shop):
            basket = shop.basket()
            with pytest.raises(ValueError):
                basket.buy(-1)
      `,
    },
    {
      name: 'the message is compared, in the block or below it, or what stands last only tidies up',
      good: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises(ValueError, match="negative"):
                basket = shop.basket()
                basket.buy(-1)

        def test_says_why(shop, reason):
            with pytest.raises(ValueError) as caught:
                basket = shop.basket()
                basket.buy(-1)
            said = str(caught.value).splitlines()
            assert said == reason

        def test_refuses_guests(shop):
            with pytest.raises(ValueError):
                till = shop.enter("guest")
                till.close()
      `,
    },
    {
      name: 'the class alone is looked at below the block',
      bad: py`
        import pytest

        def test_is_one(shop):
            with pytest.raises(ValueError) as caught:  #! its class alone does not tell
                basket = shop.basket()
                basket.buy(-1)
            assert isinstance(caught.value, shop.Error)
      `,
    },
    {
      name: 'the preparation only makes objects',
      bad: py`
        import pytest

        def test_refuses(bus):
            with pytest.raises(bus.ProtocolError):  #! its class alone does not tell
                letter = bus.Letter("wheat")
                letter.send()
      `,
    },
    {
      name: 'what comes from elsewhere',
      good: py`
        import asyncio
        import pytest

        async def test_cancelled(task):
            with pytest.raises(asyncio.CancelledError):
                task.cancel()
                await task
      `,
    },
    {
      name: 'what is patched first',
      good: py`
        import pytest

        def test_refuses(monkeypatch, shop):
            with pytest.raises(ValueError):
                monkeypatch.setenv("SHOP_LIMIT", "-1")
                monkeypatch.setattr(shop, "open", True)
                shop.buy(1)
      `,
    },
    {
      name: 'an assertion behind it that never runs says more',
      good: py`
        import pytest

        def test_refuses(shop, capsys):
            with pytest.raises(SystemExit):
                shop.buy(-1)
                out = capsys.readouterr().out
                assert "negative" in out
      `,
      alsoFinds: ['ERR004'],
    },
    {
      name: 'one statement, also inside another with',
      good: py`
        import io
        import os
        import pathlib
        import pytest
        import unittest
        from unittest import mock

        def test_refuses(shop):
            basket = shop.basket()
            with pytest.raises(ValueError):
                amount = -1
                basket.buy(amount)
            with pytest.raises(OSError):
                path = os.path.join(shop.folder, "till")
                out = io.StringIO()
                settings = shop.settings.copy()
                shop.open(pathlib.Path(path))
            with pytest.raises(ValueError):
                with mock.patch.object(shop, "till"):
                    basket.buy(-1)
            with pytest.raises(ValueError):
                assert shop.open
                basket.buy(-1)
            with pytest.raises(ValueError):
                with shop.session() as session:
                    session.add(basket)
                    session.add(None)

        class TestShop(unittest.TestCase):
            def test_warns(self):
                with self.assertWarns(DeprecationWarning):
                    basket = make()
                    basket.buy(1)
      `,
    },
    {
      name: 'a loop that only draws',
      good: py`
        import pytest

        async def test_stream(shop):
            with pytest.raises(ValueError):
                async for _ in shop.stream():
                    pass
      `,
    },
    {
      name: 'an error of another module than the preparation',
      bad: py`
        import pytest
        from harbour.errors import BerthTaken

        def test_refuses(harbour):
            with pytest.raises(BerthTaken):  #! its class alone does not tell
                ship = harbour.ship()
                harbour.berth(ship)
      `,
    },
  ],
});

/** Is what was raised looked at below the block, more than its class: `str(caught.value)`, `caught.match("negative")`? */
function comparesMessage({ captured, statement }: Raises): boolean {
  if (captured === undefined || statement === undefined) return false;
  for (const it of following(statement))
    if (it.text.includes(captured) && !OF_CLASS.test(it.text) && walk(it).some((each) => each.type === 'name' && each.id === captured)) return true;
  return false;
}

/** Does the test itself say that more than one may be it: it raises by hand where nothing else does, or a table tells which one it is? */
function isEitherMeant({ body, owner }: Raises, statements: readonly Statement[]): boolean {
  if (body.some((it) => it.type !== 'raise' && walk(it).some((each) => each.type === 'raise'))) return true;
  const given = new Set(owner?.parameters);
  const takes = (it: Statement) => walk(it).some((each) => each.type === 'name' && given.has(each.id) && isColumn(each.id, owner?.node.decorators ?? []));
  return statements.filter(takes).length > 1;
}

/** The last statement calls, with other arguments, what one before it calls as well: all of them are what is meant. */
function calledAgain(statements: readonly Statement[]): Call | undefined {
  const calls = statements.map(calledBy);
  const last = calls.at(-1);
  if (last === undefined || !standsAlone(last)) return undefined;
  return calls.slice(0, -1).some((it) => it?.function.text === last.function.text && it.text !== last.text) ? last : undefined;
}

/** A function, a class or a helper of the test: what a method does may need what was called on its object before, and may only show an effect of it. */
function standsAlone({ callee, function: called }: Call): boolean {
  if (called.type === 'name') return callee !== 'builtins.print';
  return called.type === 'attribute' && (called.object.text === 'self' || (callee !== undefined && !callee.includes('()')));
}

/** A call before the last statement, of a function that stands beside the class that is expected and raises it by its own body. */
function raisesAlready({ exceptions }: Raises, statements: readonly Statement[], file: TestFile): Call | undefined {
  const [expected] = exceptions;
  const name = expected?.refersTo;
  if (name === undefined || exceptions.length > 1 || isTidying(statements.slice(-1))) return undefined;
  const module = name.slice(0, name.lastIndexOf('.') + 1);
  const meant = calledBy(statements[statements.length - 1] as Statement)?.function.text;
  for (const it of statements.slice(0, -1)) {
    const call = it.type === 'assignment' && it.value?.type === 'call' ? it.value : calledBy(it);
    // What is given nothing but literals is known to do well.
    if (call?.callee?.startsWith(module) !== true || call.function.text === meant || call.arguments.every(({ value }) => value.value.kind === 'constant'))
      continue;
    const found = file.definition(call.callee);
    if (found?.node === undefined || found.path !== file.definition(name)?.path) continue;
    const { body } = found.node;
    const raises = running(body).some(
      (each) => each.type === 'raise' && (each.operands[0]?.type === 'call' ? each.operands[0].callee : each.operands[0]?.refersTo) === name,
    );
    if (raises) return call;
  }
  return undefined;
}

const OF_CLASS = /isinstance|IsInstance|\.type\b/;

/** What ends the test from elsewhere (a key, a cancelled task) is not raised by the preparation. */
const FROM_ELSEWHERE = /KeyboardInterrupt|GeneratorExit|[cC]ancell?ed/;

/** Takes what stands before the last statement out of the block, where all of it are plain lines. */
function fixOf(raises: Raises, last: Statement): { fix?: Fix } {
  const { statement, body } = raises;
  const leading = body.slice(0, body.indexOf(last));
  if (statement?.type !== 'with' || statement.items.length !== 1 || leading.length === 0) return {};
  if (leading.some((it) => (it.type !== 'expression' && it.type !== 'assignment') || it.text.includes('\n'))) return {};
  return {
    fix: {
      title: 'Prepare before the block',
      safety: 'suggest',
      edits: [insertBefore(statement, ...leading.map((it) => it.text)), ...leading.map(deleteStatement)],
    },
  };
}
