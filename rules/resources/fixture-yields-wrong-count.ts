import type { Expression, FunctionDefinition, IfStatement, Node, Place, Statement } from '../model.ts';
import { ancestors, children, walk } from '../model.ts';
import { boundIn } from '../python/bindings.ts';
import { isFailure } from '../python/failures.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'fixture-yields-wrong-count',
  code: 'RES019',
  category: 'resources',
  title: 'Fixture can yield more than once or not at all',
  kind: 'fail',
  kinds: ['fail', 'review'],
  confidence: 'high',
  cwe: [670],
  peers: { sonar: ['S8994'] },
  why: 'pytest resumes a fixture once: a second `yield` is an error at tear-down, and none at all one at set-up, with what was acquired left behind.',
  instead: 'Have exactly one `yield` on every path.',
  limits:
    'Handlers of `try` and conditions that always hold are not weighed; `raise`, `assert False`, `pytest.fail` and `pytest.skip` end a path. To be looked at is a path without `yield` that only a constant or an import of the module, or what another fixture gives, decides on, or of a fixture that the module defines under a condition or a `try`: it may never be taken.',
  links: ['https://docs.pytest.org/en/stable/how-to/fixtures.html#yield-fixtures-recommended'],
  on: 'function',
  wants: ({ fixture }) => fixture !== undefined,
  *check(subject) {
    if (subject.fixture === undefined || !subject.generator) return;
    const { open, ended } = run(subject.node.body, [{ count: 0, last: undefined, decided: false }]);
    const paths = [...open, ...ended];
    const twice = paths.find((it) => it.count > 1);
    const without = paths.filter((it) => it.count === 0);
    if (twice?.last !== undefined)
      yield { at: twice.last, message: `fixture \`${subject.fixture.name}\` can yield a second time here: pytest fails at tear-down` };
    // Branches on `request.param` are those of its list.
    else if (!/\brequest\.param\b/.test(subject.node.text) && without.length > 0)
      yield {
        at: subject.namePlace,
        ...(without.every((it) => it.decided) || isConditional(subject.node) ? { kind: 'review' } : {}),
        message: `fixture \`${subject.fixture.name}\` has a path without \`yield\`: pytest fails at set-up`,
      };
  },
  examples: [
    {
      name: 'one way for each kind',
      good: py`
        import pytest

        @pytest.fixture(params=["north", "south"])
        def kind(request):
            yield request.param

        @pytest.fixture
        def quay(kind, harbour):
            if kind == "north":
                yield harbour.north
            elif kind == "south":
                yield harbour.south
      `,
    },
    {
      name: 'in a loop that waits for one of two things',
      good: py`
        import concurrent.futures
        import pytest

        @pytest.fixture
        def started(pool):
            ready, ran = concurrent.futures.Future(), pool.submit(print)
            for it in concurrent.futures.as_completed((ready, ran)):
                if it is ready:
                    yield it.result()
                elif it is ran:
                    return
      `,
    },
    {
      name: 'a path that always fails',
      good: py`
        import pytest

        @pytest.fixture(params=["point", "comma"])
        def separator(request):
            if request.param == "point":
                yield "."
            elif request.param == "comma":
                yield ","
            else:
                assert False, request.param

        @pytest.fixture(params=["point", "comma"])
        def other(request):
            if request.param == "point":
                yield "."
            elif request.param == "dash":
                pytest.skip("no dashes here")
            else:
                pytest.fail("no such separator")
      `,
    },
    {
      name: 'twice on one path',
      bad: py`
        import pytest

        @pytest.fixture
        def client():
            yield make_client()
            yield None  #! a second time
      `,
    },
    {
      name: 'only under a condition',
      bad: py`
        import os
        import pytest

        VERBOSE = False

        @pytest.fixture
        def client():  #! a path without
            if VERBOSE:
                print(os.name)
            if os.name == 'posix':
                yield make_client()
      `,
    },
    {
      name: 'as another fixture says',
      bad: py`
        import pytest

        @pytest.fixture
        def key():
            return 0

        @pytest.fixture(autouse=True)
        def warned(request):  #! a path without
            if request.function.__name__ == "test_slice":
                key = request.getfixturevalue("key")
                if not isinstance(key, slice):
                    yield
                return
            with pytest.warns(FutureWarning):
                yield

        @pytest.fixture
        def quay(key):  #! a path without
            if key == 1:
                return
            yield key
      `,
    },
    {
      name: 'only where the module has something, or where it defines the fixture at all',
      bad: py`
        import pytest

        PORT = 8080

        try:
            from harbour import CACHE, quay

            @pytest.fixture
            def cached():  #! a path without
                if quay():
                    yield CACHE
        except ImportError:
            CACHE = None

        @pytest.fixture
        def cache():  #! a path without
            if CACHE is not None:
                yield CACHE

        @pytest.fixture
        def port():  #! a path without
            if not PORT:
                return
            yield PORT
      `,
    },
    {
      name: 'once on every path',
      good: py`
        import os
        import pytest

        @pytest.fixture
        def client():
            if os.name == 'posix':
                yield make_client()
            else:
                yield None

        @pytest.fixture
        def other():
            if os.name != 'posix':
                pytest.skip('posix only')
            with make_client() as it:
                try:
                    yield it
                finally:
                    it.close()

        @pytest.fixture(params=['posix', 'memory'])
        def of_each_kind(request):
            if request.param == 'posix':
                yield make_client()
            elif request.param == 'memory':
                yield None

        @pytest.fixture
        def third():
            if os.name != 'posix':
                yield None
                return
            yield make_client()
      `,
    },
  ],
});

interface Path {
  readonly count: number;
  readonly last: Place | undefined;
  /** Was a branch left out for what a name of the module says? */
  readonly decided: boolean;
}

interface Paths {
  /** Those that go on behind the statements, and those that returned. What raises or skips is dropped. */
  readonly open: readonly Path[];
  readonly ended: readonly Path[];
}

function run(statements: readonly Statement[], from: readonly Path[]): Paths {
  let open = from;
  const ended: Path[] = [];
  for (const it of statements) {
    if (open.length === 0) break;
    const next = step(it, open);
    open = distinct(next.open);
    ended.push(...next.ended);
  }
  return { open, ended };
}

const NOWHERE: Paths = { open: [], ended: [] };

/** The last `elif` of a chain that compares one thing with one value after the other. */
function isLastOfSeveral({ test, otherwise, parent }: IfStatement): boolean {
  if (otherwise.length > 0 || test.type !== 'comparison' || parent?.type !== 'if' || parent.test.type !== 'comparison') return false;
  const [compared] = test.operands;
  return parent.otherwise.length === 1 && test.operators[0] === '==' && compared?.text === parent.test.operands[0]?.text;
}

function step(it: Statement, from: readonly Path[]): Paths {
  switch (it.type) {
    case 'if': {
      // `if kind == 'a': … elif kind == 'b': …` without an `else` is taken to know all that there are.
      const branches: [Paths, Paths] = [run(it.body, from), isLastOfSeveral(it) ? NOWHERE : run(it.otherwise, from)];
      const [then, otherwise] =
        isOfModule(it.test) || isOfAnother(it.test) ? [decidedBeside(branches[0], branches[1]), decidedBeside(branches[1], branches[0])] : branches;
      return { open: [...then.open, ...otherwise.open], ended: [...then.ended, ...otherwise.ended] };
    }
    case 'while':
    case 'for': {
      const body = run(it.body, from);
      // A loop in which some pass yields tries candidates or waits for its turn: that none comes is not taken for a path.
      const yields = (path: Path) => path.count > 0;
      if ([...body.open, ...body.ended].some(yields)) return { open: body.open.filter(yields), ended: body.ended.filter(yields) };
      // A loop with a yield may be left early on purpose: one pass is taken.
      return { open: body.open.length === 0 ? from : body.open, ended: body.ended };
    }
    case 'with':
      return run(it.body, from);
    case 'try': {
      const body = run([...it.body, ...it.otherwise], from);
      const after = run(it.final, body.open);
      return { open: after.open, ended: [...body.ended, ...after.ended] };
    }
    case 'match': {
      const cases = it.cases.map((each) => run(each, from));
      return {
        open: [...cases.flatMap((each) => each.open), ...(cases.some((each) => each.open.some((path) => path.count > 0)) ? [] : from)],
        ended: cases.flatMap((each) => each.ended),
      };
    }
    case 'return':
      return { open: [], ended: from };
    case 'raise':
    case 'assert':
      return { open: isFailure(it) ? [] : counted(it, from), ended: [] };
    case 'function':
    case 'class':
    case 'broken':
      return { open: from, ended: [] };
    case 'expression':
      if (isFailure(it) || (it.expression.type === 'call' && /^(?:skip|xfail|fail|exit)$/.test(it.expression.method))) return { open: [], ended: [] };
      return { open: counted(it, from), ended: [] };
    default:
      return { open: counted(it, from), ended: [] };
  }
}

function counted(it: Statement, from: readonly Path[]): readonly Path[] {
  const yields: Place[] = [];
  const visit = (node: Node) => {
    if (node.type === 'lambda') return;
    if (node.type === 'yield') yields.push(node.place);
    // `yield from` may give one or more
    if (node.type === 'yield from') yields.push(node.place);
    for (const child of children(node)) visit(child);
  };
  visit(it);
  if (yields.length === 0) return from;
  return from.map((path) => ({ ...path, count: path.count + yields.length, last: yields.at(-1) }));
}

function distinct(paths: readonly Path[]): readonly Path[] {
  const result: Path[] = [];
  for (const it of paths) if (!result.some((each) => each.count === it.count && each.decided === it.decided)) result.push(it);
  return result;
}

/** Is the fixture defined at all? Under a `try` or `if` of the module that depends on what is there. */
function isConditional(node: FunctionDefinition): boolean {
  for (const it of ancestors(node)) if (it.type === 'try' || it.type === 'if') return true;
  return false;
}

/** The paths of one branch, where the choice between both is what makes one that does not yield: the other yields, or this one returns. */
function decidedBeside({ open, ended }: Paths, other: Paths): Paths {
  const decided = (path: Path): Path => (path.count > 0 ? path : { ...path, decided: true });
  const otherYields = [...other.open, ...other.ended].some((it) => it.count > 0);
  return { open: otherYields ? open.map(decided) : open, ended: otherYields || open.length === 0 ? ended.map(decided) : ended };
}

/** `CACHE`, `not CACHE`, `CACHE is not None`, where the name is a constant or an import of the module. */
function isOfModule(test: Expression): boolean {
  if (test.type === 'operation' && test.operator === 'not') return isOfModule(test.right);
  if (test.type === 'comparison') {
    const [named, other] = test.operands;
    return test.operators.length === 1 && /^is(?: not)?$/.test(test.operators[0] ?? '') && named !== undefined && other?.text === 'None' && isOfModule(named);
  }
  return test.type === 'name' && ![...ancestors(test)].some((it) => it.type === 'function' && boundIn(it, test.id));
}

/** What another fixture gives has a part in it: a parameter, or what `request.getfixturevalue(…)` has brought. */
function isOfAnother(test: Expression): boolean {
  const owner = [...ancestors(test)].find((it) => it.type === 'function');
  if (owner?.type !== 'function') return false;
  const given = new Set(owner.parameters.map((it) => it.name).filter((it) => it !== 'self' && it !== 'request'));
  const brought = (name: string) => owner.text.includes(` ${name} = request.getfixturevalue(`);
  return walk(test).some((it) => it.type === 'name' && (given.has(it.id) || brought(it.id)));
}
