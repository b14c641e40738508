/** What a test means with a call or a value: to expect it, to see it refused, to run over it, to run it only somewhere. */
import type { Expression, FunctionDefinition, FunctionSubject, Node, QualifiedName, Statement, Tier } from '../../rules/model.ts';
import { ancestors, argument, isConstant, isStatement, walk } from '../../rules/model.ts';
import { blockAround } from '../../rules/python/blocks.ts';
import { SKIPPING_CALL } from '../../rules/python/failures.ts';
import { STANDARD_LIBRARY } from '../../rules/python/names.ts';
import type { Classes } from './classes.ts';
import type { ClassShape, Frame } from './frame.ts';
import { marksOf } from './frameworks.ts';
import { returnedExpressions } from './names.ts';
import type { Page } from './page.ts';
import type { ProjectFacts } from './project.ts';
import { outermostOf, spotOf } from './tree.ts';
import type { Workspace } from './workspace.ts';

/** Calls that state an expectation and do nothing else. */
const EXPECTING = /^(?:assert_(?:any_call|called\w*|has_calls|has_awaits|awaited\w*|any_await|not_called|not_awaited)|call|expect\w*|should\w*)$/;

/**
 * A call is expected when it states an expectation itself (`assert_called_with(…)`, `mock.call(…)`); a value
 * when it is handed to one, compared in an assertion, or kept in a name that says so. What an assertion
 * calls to get its value is really called.
 */
export function isExpected(node: Node): boolean {
  if (node.type === 'call' && EXPECTING.test(node.method)) return true;
  for (const it of node.type === 'call' ? [] : ancestors(node)) {
    if (it.type === 'call') {
      if (EXPECTING.test(it.method) || /^assert|^(?:eq|neq|ok|nok|in)_$/.test(it.method)) return !/^assertRaises/.test(it.method);
      if (!/^(?:dict|list|tuple|set|frozenset|sorted|OrderedDict|encode|format|join)$/.test(it.method)) return false;
    } else if (it.type === 'assert') return true;
    else if (it.type === 'assignment')
      return it.targets.some((each) => /^(?:self\.)?_?(?:expected|expect|want|exp)(?:_|$)|_expected$|^EXPECTED/i.test(each.text));
    else if (it.type === 'function') return false;
  }
  return false;
}

/** Expects an exception, by what is around it or by the name of the function. */
export function isRejected(node: Node, owner: FunctionSubject | undefined): boolean {
  for (const it of ancestors(node)) {
    if (it.type === 'with' && it.items.some((item) => item.context.type === 'call' && /raises|assertRaises/i.test(item.context.method))) return true;
    if (it.type === 'call' && /^(?:assertRaises\w*|raises|failUnlessRaises)$/.test(it.method)) return true;
  }
  return owner !== undefined && /(?:reject|invalid|refus|forbid|denied|fail|bad_|_bad|error|raises|unsafe|malicious|traversal|injection)/i.test(owner.name);
}

/** A row of a table that a test runs over. */
export function isParametrized(node: Node): boolean {
  for (const it of ancestors(node)) {
    if (it.type === 'call' && /^(?:parametrize|data|subTest|unpack|param|file_data|expand|parameters|named_parameters|idata)$/.test(it.method)) return true;
    if (it.type === 'assignment' && it.targets.some((each) => /scenarios|cases|params|test_data|testdata/i.test(each.text))) return true;
  }
  return false;
}

/**
 * Who is given the function around a place that need not run here: one inside of another, which brings its own imports, as what a
 * library sends to a server or a child has to, and which nobody here calls.
 *
 *     def read(name):
 *         import sys
 *         return open(sys.path[0] + name).read()
 *     session.udf.register(read)
 */
export function givenAwayTo({ nodes, text }: Page, at: number): string | undefined {
  if (!/\n[ \t]+(?:import|from)[ \t]/.test(text)) return undefined;
  for (const it of nodes) {
    if (it.type !== 'function' || it.parent === undefined) continue;
    const { start, end } = spotOf(it.place);
    const around = outermostOf(it.parent);
    if (start > at || end <= at || around === undefined || !walk(it).some((each) => each.type === 'import')) continue;
    const uses = walk(around).filter((each) => each.type === 'name' && each.id === it.name && !isInside(each, it));
    const takers = uses.map(({ parent }) => (parent?.type === 'call' && !uses.includes(parent.function) ? parent.function : undefined));
    if (takers.includes(undefined)) continue;
    const taker = [...it.decorators.map((each) => (each.type === 'call' ? each.function : each)), ...takers].find(
      (each) => each !== undefined && isOfLibrary(each),
    );
    if (taker !== undefined) return taker.text;
  }
  return undefined;
}

function isInside(node: Node, around: Node): boolean {
  for (const it of ancestors(node)) if (it === around) return true;
  return false;
}

/** Python's own, the framework of the tests, and what helps them run here what they are given. */
function isOfLibrary({ refersTo, text }: Expression): boolean {
  const name = refersTo ?? text;
  const [first = ''] = name.split(/[.(]/);
  return (
    !STANDARD_LIBRARY.has(first) && !/^(?:builtins|self|cls|mock|testtools|hypothesis|_?pytest\w*)$/.test(first) && !/(?:^|[._])tests?(?:[._]|$)/.test(name)
  );
}

/** Marks of tests that ask somebody; a test that is never run asks nobody. */
const OUTSIDE = 'integration|network|live|e2e|external|remote(?:_data)?|internet|online';
/** `@pytest.mark.network`, `@attr('network')` of nose and testtools. */
const MARKED = `(?:mark\\.|\\battr\\([^)]{0,80}['"])`;
const NETWORK_MARK = new RegExp(`(?:unittest|mark)\\.skip\\b|${MARKED}(?:${OUTSIDE})\\b|(?:requires?|needs?)_(?:network|internet)`, 'i');
/** Those, and what else a test may need that is not there everywhere. */
const GUARDING_MARK = new RegExp(`${MARKED}(?:${OUTSIDE}|slow|docker|skipif)|skip_?(?:unless|if)|requires_?`, 'i');
/** Skips of them: without a network, an account or a switch for it. */
const SKIP = /skip_?(?:unless|if)/i;
/** `support.requires('network')`, `with transient_internet(host):` */
const ASKS = /\brequires?(?:_resource)?\(\s{0,4}['"](?:network|urlfetch)|\btransient_internet\(/;
/** What skips without asking anything. */
const PLAIN_SKIP =
  /^(?:unittest(?:\.case)?\.(?:skip|SkipTest)|(?:unittest2|testtools)\.(?:skip|SkipTest)|pytest\.(?:mark\.)?skip|nose(?:\.plugins\.skip)?\.SkipTest)$/;
/** What skips on a condition, which may be `True`. */
const SKIP_IF = /^(?:unittest2?\.skipIf|pytest\.mark\.skipif)$/;
const OPTED_IN = /network|internet|online|environ|getenv/i;
const ABOUT_NETWORK = /\b(?:network|internet|online|production|live|real (?:service|server|api)|external service)\b/i;

/** A decorator, a mark or a raised exception: with a reason or without. */
function isPlainSkip(it: Expression): boolean {
  const name = (it.type === 'call' ? it.callee : it.refersTo) ?? '';
  if (it.type !== 'call' || PLAIN_SKIP.test(name)) return PLAIN_SKIP.test(name);
  if (name === 'pytest.mark.xfail') return argument(it, 'run')?.text === 'False' && argument(it, 'condition', 0) === undefined;
  const condition = SKIP_IF.test(name) ? argument(it, 'condition', 0) : undefined;
  return condition !== undefined && isConstant(condition.value, true);
}

/** `def skipped(test)`: gives back the test with a mark, or a function in its place that skips before it calls anything. */
function makesSkipped(decorator: FunctionDefinition): boolean {
  const [given, ...others] = returnedExpressions(decorator);
  if (given === undefined || others.length > 0) return false;
  if (given.type === 'call' && isPlainSkip(given.function)) return true;
  // `return cast(Test, inner)`
  const names = given.type === 'call' ? given.arguments.map(({ value }) => value.text) : [given.text];
  const isOther = (name: string) =>
    walk(decorator).some(
      (it) =>
        it !== decorator &&
        ((it.type === 'assignment' && it.targets.some((each) => each.text === name)) ||
          (it.type === 'function' && it.name === name && it.parent !== decorator)),
    );
  return decorator.body.some((it) => it.type === 'function' && names.includes(it.name) && it.body.some(leaves) && !isOther(it.name));
}

/** Skips as soon as it runs: also where only a type checker would go on. */
function leaves(it: Statement, index: number, block: readonly Statement[]): boolean {
  if (index > 0 && !block.slice(0, index).every((each) => each.type === 'expression' && each.expression.type === 'string')) return false;
  if (it.type === 'if') return /^not (?:\w+\.)?TYPE_CHECKING$/.test(it.test.text) && it.body.some(leaves);
  return skipsNow(it);
}

/** A statement that ends the test as skipped: `raise SkipTest("slow")`, `pytest.skip("slow")`, `self.skipTest("slow")`. */
function skipsNow(it: Statement): boolean {
  if (it.type === 'raise') return it.operands[0] !== undefined && isPlainSkip(it.operands[0]);
  const call = it.type === 'expression' && it.expression.type === 'call' ? it.expression : undefined;
  return call !== undefined && SKIPPING_CALL.test(call.callee ?? '');
}

/** From where to where a page stands behind such a statement: to the end of its block. */
export function behindSkips({ nodes, text }: Page): readonly { readonly start: number; readonly end: number }[] {
  if (!text.includes('skip') && !text.includes('Skip')) return [];
  return nodes.filter(isSkippingNow).map((it) => {
    const last = blockAround(it).at(-1) ?? it;
    return { start: spotOf(it.place).end, end: spotOf(last.place).end };
  });
}

function isSkippingNow(it: Node): it is Statement {
  return isStatement(it) && skipsNow(it);
}

export class Guards {
  private readonly frame: Frame;
  private readonly tier: Tier;
  private readonly project: ProjectFacts;
  private readonly workspace: Workspace;
  private readonly classes: Classes;
  private fileRequiresNetwork: boolean | undefined;
  private fileIsSkipped: boolean | undefined;

  constructor(frame: Frame, tier: Tier, workspace: Workspace, classes: Classes) {
    this.frame = frame;
    this.tier = tier;
    this.project = workspace.project;
    this.workspace = workspace;
    this.classes = classes;
  }

  /** Does a test say that it needs a network? */
  askForNetwork(owner: FunctionSubject | undefined, shape: ClassShape | undefined): boolean {
    if (this.tier === 'integration') return true;
    const marks = [...(owner?.node.decorators ?? []), ...(shape?.decorators() ?? []), ...marksOf(this.frame)];
    return (
      marks.some((it) => NETWORK_MARK.test(it.text) || (SKIP.test(it.text) && OPTED_IN.test(it.text)) || this.isRegisteredForNetwork(it)) ||
      this.requiresNetwork(shape) ||
      (owner !== undefined && ASKS.test(owner.node.text))
    );
  }

  /** `@pytest.mark.production`, where the project says of the mark that it is for the production service. */
  private isRegisteredForNetwork(mark: Expression): boolean {
    const name = /\bmark\.(\w+)/.exec(mark.text)?.[1];
    return name !== undefined && this.project.markers.some((it) => it.name === name && ABOUT_NETWORK.test(it.about));
  }

  /** Does a node run only where something is there, or somebody wants it? */
  guard(node: Node, owner: FunctionSubject | undefined, shape: ClassShape | undefined): boolean {
    const marks = [...(owner?.node.decorators ?? []), ...(shape?.decorators() ?? []), ...marksOf(this.frame)];
    if (marks.some((it) => GUARDING_MARK.test(it.text) || this.isRegisteredForNetwork(it)) || this.requiresNetwork(shape) || this.skip(owner, shape))
      return true;
    if (owner === undefined) return false;
    for (const it of walk(owner.node)) {
      if (it.type === 'call' && /^(?:skipTest|skip|importorskip|requires)$/.test(it.method) && spotOf(it.place).start < spotOf(node.place).start) return true;
    }
    return false;
  }

  /** Does a mark of its own, or of a class above it, keep a whole class from running, set-ups and all? Subclasses of one that is not collected are. */
  skipClass(shape: ClassShape): boolean {
    // Both runners leave the mark on the class, where subclasses find it.
    return this.classes.ancestry(shape).known.some((it) => it.decorators().some((each) => this.isSkip(each)));
  }

  private isSkip(decorator: Expression): boolean {
    if (isPlainSkip(decorator)) return true;
    const { refersTo, type } = decorator;
    return type !== 'call' && refersTo !== undefined && !refersTo.startsWith('pytest.') && this.skips(refersTo);
  }

  private readonly skipping = new Map<QualifiedName, boolean>();

  /** Is it a decorator of the workspace by which a test is never run? */
  skips(name: QualifiedName): boolean {
    let known = this.skipping.get(name);
    if (known === undefined) {
      const symbol = this.workspace.symbol(name, this.frame);
      known = symbol?.kind === 'function' && makesSkipped(symbol.node);
      this.skipping.set(name, known);
    }
    return known;
  }

  /** Is a test never run? */
  skip(owner: FunctionSubject | undefined, shape: ClassShape | undefined): boolean {
    if (owner?.node.decorators.some((it) => this.isSkip(it)) === true) return true;
    if (owner?.node.decorators.some((it) => it.refersTo === 'nose.tools.nottest') === true) return true;
    if (shape !== undefined) {
      if (this.skipClass(shape)) return true;
      if (this.classes.attribute(shape, '__test__')?.text === 'False') return true;
    }
    return this.skipFile();
  }

  /** Does a mark of the module, or what it does when it is imported, keep all of it from running? */
  skipFile(): boolean {
    this.fileIsSkipped ??= marksOf(this.frame).some(isPlainSkip) || [...this.frame.looseStatements()].some(skipsNow);
    return this.fileIsSkipped;
  }

  /** `support.requires('network')` for the whole file, or in the set-up of the class. */
  private requiresNetwork(shape: ClassShape | undefined): boolean {
    const asks = (it: Node) => it.type === 'call' && /^requires(?:_resource)?$/.test(it.method) && /network|urlfetch/.test(it.arguments[0]?.value.text ?? '');
    const inside = (node: Node | undefined) => node !== undefined && /requires/.test(node.text) && [...walk(node)].some(asks);
    if (inside(shape?.method('setUpClass')) || inside(shape?.method('setUp'))) return true;
    this.fileRequiresNetwork ??=
      [...this.frame.looseStatements()].some((it) => it.type === 'expression' && asks(it.expression)) ||
      [...this.frame.functions()].some((it) => it.name === 'setUpModule' && inside(it));
    return this.fileRequiresNetwork;
  }
}
