/**
 * What runs for a test: itself, set-up and tear-down of its class and of the classes above, fixtures that it is given,
 * and whatever of these files one of them mentions. Evidence in there holds for the test; elsewhere it does not.
 *
 *     class TestA(Base):              # its header, Base.setUp in its own file
 *         def setUp(self):            # runs for both tests
 *             self._block()           # so _block does too
 *         def _block(self): ...
 *         def _open(self): ...        # runs for test_b alone
 *         def test_a(self): ...
 *         def test_b(self):
 *             self._open()
 */
import type { Node } from '../../rules/model.ts';
import { children, constantText } from '../../rules/model.ts';
import { ROLES } from '../../rules/python/unittest.ts';
import { detached } from '../syntax/names.ts';
import type { Classes } from './classes.ts';
import type { ClassShape, Frame, FrameUnit } from './frame.ts';
import type { Page } from './page.ts';

/** A definition, or (with an empty name) the statements of a module. */
export interface Scope {
  readonly path: string;
  /** As in `PlacedFinding.within`. */
  readonly within: string;
}

export interface ReachedTest {
  readonly unit: FrameUnit;
  readonly scopes: readonly Scope[];
}

interface Mentions {
  /** Methods of `self` and `cls`. */
  readonly methods: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** Methods that are called on somebody else: `super().setUp()`, `Base.setUp(self)`. */
  readonly others: ReadonlySet<string>;
}

/** By the text of a unit. */
export type Mentioned = Map<string, Mentions>;
const MOST_MENTIONED = 20_000;

/** A definition, with the class that it runs in. */
interface Step {
  readonly frame: Frame;
  readonly unit: FrameUnit;
  readonly shape: ClassShape | undefined;
}

/** Runs before or after each test without being named. */
const AUTOUSE = /@(?:pytest\.|pytest_asyncio\.)?fixture\b[^\n@]*\bautouse\s*=\s*True/;
const FIXTURE = /@(?:\w+\.)*(?:yield_)?fixture\b/;

export class Reach {
  readonly #frame: Frame;
  readonly #classes: Classes;
  readonly #conftests: readonly Frame[];
  readonly #pageOf: (unit: FrameUnit) => Page;
  readonly #mentioned: Mentioned;
  readonly #shared = new Map<string, ReadonlyMap<string, Scope>>();

  /** `pageOf` gives the nodes of the frame's own units, tests included; `mentioned` is kept from one text to the next. */
  constructor(frame: Frame, classes: Classes, conftests: readonly Frame[], mentioned: Mentioned, pageOf: (unit: FrameUnit) => Page) {
    this.#mentioned = mentioned;
    this.#frame = frame;
    this.#classes = classes;
    this.#conftests = conftests;
    this.#pageOf = pageOf;
  }

  tests(): ReachedTest[] {
    return this.#frame.units.filter((it) => it.head.isTest).map((unit) => ({ unit, scopes: this.#scopesOf(unit) }));
  }

  #scopesOf(unit: FrameUnit): Scope[] {
    const shape = unit.owner === undefined ? undefined : this.#frame.classNamed(unit.owner);
    const reached = new Map(this.#sharedBy(shape));
    this.#follow([{ frame: this.#frame, unit, shape }], shape, reached);
    return [...reached.values()];
  }

  /** What runs for every test of a class, or for every test function of the module. */
  #sharedBy(shape: ClassShape | undefined): ReadonlyMap<string, Scope> {
    const key = shape?.qualified ?? '';
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const reached = new Map<string, Scope>();
    const start: Step[] = [];
    for (const frame of [this.#frame, ...this.#conftests]) {
      add(reached, frame.path, '');
      for (const unit of functionsOf(frame))
        if (AUTOUSE.test(unit.text) || (frame === this.#frame && ROLES[unit.head.name]?.startsWith('module') === true))
          start.push({ frame, unit, shape: undefined });
    }
    const ended = new Set<string>();
    for (const it of shape === undefined ? [] : this.#classes.ancestry(shape).known) {
      add(reached, it.frame.path, it.name);
      for (const unit of membersOf(it)) {
        const { name } = unit.head;
        if (!(Object.hasOwn(ROLES, name) || AUTOUSE.test(unit.text)) || ended.has(name)) continue;
        start.push({ frame: it.frame, unit, shape });
      }
      // A set-up that does not call its base ends what runs above it.
      for (const unit of membersOf(it))
        if (Object.hasOwn(ROLES, unit.head.name) && !this.#mentions({ frame: it.frame, unit, shape }).others.has(unit.head.name)) ended.add(unit.head.name);
    }
    this.#follow(start, shape, reached);
    this.#shared.set(key, reached);
    return reached;
  }

  #follow(start: readonly Step[], shape: ClassShape | undefined, reached: Map<string, Scope>): void {
    const queue = [...start];
    for (let step = queue.pop(); step !== undefined; step = queue.pop()) {
      if (!add(reached, step.frame.path, nameOf(step.unit))) continue;
      const { methods, names } = this.#mentions(step);
      for (const it of methods) queue.push(...this.#method(it, step.shape ?? shape));
      for (const it of names) queue.push(...this.#function(it, step.frame, shape));
    }
  }

  #method(name: string, shape: ClassShape | undefined): Step[] {
    for (const it of shape === undefined ? [] : this.#classes.ancestry(shape).known) {
      const unit = membersOf(it).find((member) => member.head.name === name);
      if (unit !== undefined) return [{ frame: it.frame, unit, shape }];
    }
    return [];
  }

  /** A function of the same module; a fixture of the class, of the module, or of a `conftest.py`. */
  #function(name: string, frame: Frame, shape: ClassShape | undefined): Step[] {
    const own = functionsOf(frame).find((it) => it.head.name === name);
    if (own !== undefined) return [{ frame, unit: own, shape: undefined }];
    const [inClass] = this.#method(name, shape);
    if (inClass !== undefined && FIXTURE.test(inClass.unit.text)) return [inClass];
    for (const it of this.#conftests) {
      const unit = functionsOf(it).find((each) => each.head.name === name && FIXTURE.test(each.text));
      if (unit !== undefined) return [{ frame: it, unit, shape: undefined }];
    }
    return [];
  }

  #mentions({ frame, unit }: Step): Mentions {
    const known = this.#mentioned.get(unit.text);
    if (known !== undefined) return known;
    if (this.#mentioned.size >= MOST_MENTIONED) this.#mentioned.clear();
    const mentions = mentionsIn((frame === this.#frame ? this.#pageOf(unit) : frame.page(unit)).statements);
    this.#mentioned.set(detached(unit.text), mentions);
    return mentions;
  }
}

function mentionsIn(nodes: readonly Node[]): Mentions {
  const [methods, names, others] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const queue = [...nodes];
  for (let it = queue.pop(); it !== undefined; it = queue.pop()) {
    if (it.type === 'name') names.add(it.id);
    if (it.type === 'function') for (const parameter of it.parameters) names.add(parameter.name);
    if (it.type === 'attribute') {
      const isOwn = it.object.type === 'name' && (it.object.id === 'self' || it.object.id === 'cls');
      (isOwn ? methods : others).add(it.name);
    }
    if (it.type === 'call' && it.function.type === 'attribute' && it.function.name === 'usefixtures')
      for (const { value } of it.arguments) names.add(constantText(value.value) ?? '');
    queue.push(...children(it));
  }
  return { methods, names, others };
}

function functionsOf(frame: Frame): FrameUnit[] {
  return frame.units.filter((it) => it.unit.kind === 'statement' && it.head.kind === 'function' && !it.head.isTest);
}

function membersOf(shape: ClassShape): FrameUnit[] {
  return shape.frame.units.filter((it) => it.unit.kind === 'member' && it.owner === shape.name && it.head.kind === 'function' && !it.head.isTest);
}

function nameOf({ key }: FrameUnit): string {
  return withinOf(key);
}

/** The definition that a unit is, by its key: `TestA.setUp#0` is `TestA.setUp`, a class's own lines are `TestA`. */
export function withinOf(key: string): string {
  return key.replace(/^@?#\d+$|\.?#\d+$/, '');
}

function add(reached: Map<string, Scope>, path: string, within: string): boolean {
  const key = `${path}\0${within}`;
  if (reached.has(key)) return false;
  reached.set(key, { path, within });
  return true;
}
