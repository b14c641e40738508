/**
 * What the model knows of Python files, as lines of text. Asked as a rule would ask: by a rule that yields a
 * finding for every fact. Classes, fixtures, patches, resources, changes and cleanups are always told; what a
 * single expression is, where a comment behind the line asks for it:
 *
 *     p.start()   #? p.start
 *
 * Several files stand in one text, each below a line `# file: its/path.py`; all of them are asked.
 */
import type { Node, Place, Release, Subjects, TestFile, Value } from '../rules/model.ts';
import { walk } from '../rules/model.ts';
import { defineRule, type Finding, type Rule } from '../rules/rule.ts';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf } from '../server/review/review.ts';
import { newEngine } from './harness.ts';

const QUESTION = /#\? (.*)$/;
const FILE = /^# file: (\S+)$/;
/** Before the text that a fact answers a question about. */
const ANSWER = '\0';

/** The files of a text; what stands before the first name is a test alone. */
export function filesIn(text: string): Record<string, string> {
  const files: Record<string, string> = {};
  let path = 'tests/unit/test_example.py';
  for (const line of text.split('\n')) {
    const named = FILE.exec(line)?.[1];
    if (named !== undefined) path = named;
    else files[path] = files[path] === undefined ? line : `${files[path]}\n${line}`;
  }
  return files;
}

/** The facts of every Python file, by path and line. */
export async function factsOf(files: Record<string, string>): Promise<string> {
  const asked = new Set(Object.values(files).flatMap((text) => text.split('\n').flatMap(questionsIn)));
  const engine = await newEngine([probe(asked)]);
  for (const [path, text] of Object.entries(files)) engine.put(path, text);
  const paths = Object.keys(files).filter((it) => it.endsWith('.py'));
  return paths.map((path) => factsOfFile(engine, path, files)).join('\n');
}

function factsOfFile(engine: Engine, path: string, files: Record<string, string>): string {
  let review = engine.review(path, { anyFile: true });
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, files[it]);
    review = engine.review(path, { anyFile: true });
  }
  const lines = (files[path] ?? '').split('\n');
  const facts = findingsOf(review)
    .map((it) => ({ line: it.line, fact: [it.message, ...it.trail.map((step) => `    ${step.path}:${step.line} ${step.note}`)].join('\n') }))
    .filter(({ line, fact }) => !fact.startsWith(ANSWER) || questionsIn(lines[line - 1] ?? '').some((it) => fact.startsWith(`${ANSWER}${it}${ANSWER}`)))
    .map(({ line, fact }) => ({ line, fact: fact.startsWith(ANSWER) ? fact.slice(1).replace(ANSWER, ' ') : fact }));
  const faults = review.faults.map((it) => `fault in ${it.rule}: ${it.message}`);
  const told = facts.sort((a, b) => a.line - b.line).map(({ line, fact }) => (line === 0 ? fact : `${String(line).padStart(4)}  ${fact}`));
  return `${[`${path}:`, ...faults, ...new Set(told)].join('\n')}\n`;
}

function questionsIn(line: string): string[] {
  return (QUESTION.exec(line)?.[1] ?? '')
    .split(' ; ')
    .map((it) => it.trim())
    .filter((it) => it !== '');
}

function probe(asked: ReadonlySet<string>): Rule {
  return defineRule({
    id: 'probe',
    code: 'PROBE',
    category: 'resources',
    title: 'what the model knows',
    kind: 'review',
    confidence: 'high',
    cwe: [],
    why: '',
    instead: '',
    limits: '',
    links: [],
    on: ['file', 'class', 'function', 'patch', 'resource', 'change', 'cleanup', 'statement'],
    examples: [],
    *check(subject, file) {
      if (!('type' in subject)) return;
      switch (subject.type) {
        case 'file subject':
          yield { at: subject.place, message: fileFact(file) };
          break;
        case 'class facts':
          yield { at: subject.namePlace, message: classFact(subject) };
          break;
        case 'function subject':
          yield* functionFacts(subject);
          break;
        case 'patch':
          yield { at: subject.place, message: patchFact(subject) };
          break;
        case 'resource':
          yield { at: subject.place, message: resourceFact(subject), trail: subject.releases.flatMap(releaseStep) };
          break;
        case 'change':
          yield {
            at: subject.place,
            message: `change of ${subject.sort} ${subject.target}${subject.key === undefined ? '' : ` key ${subject.key}`}: ${subject.releases.length === 0 ? 'stays' : 'undone'}`,
            trail: subject.releases.flatMap(releaseStep),
          };
          break;
        case 'cleanup':
          yield { at: subject.place, message: `cleanup (${subject.form})${subject.undoes === undefined ? '' : ` undoes ${subject.undoes.name}`}` };
          break;
        default:
          if ('parent' in subject && subject.parent === undefined) for (const it of walk(subject)) yield* answers(it, file);
      }
    },
  });

  function* answers(node: Node, file: TestFile): Iterable<Finding> {
    if (!asked.has(node.text) || !('refersTo' in node)) return;
    const parts: string[] = [];
    if (node.refersTo !== undefined) parts.push(`is ${node.refersTo}`);
    const value = shown(node.value);
    if (value !== '?') parts.push(`= ${value}`);
    const origins = file.origins(node).filter((it) => it.sort !== 'unknown' && !(it.sort === 'attribute' && it.name === node.refersTo));
    const told = origins.map((it) => (it.name === '' ? it.sort : `${it.sort} ${it.name}`)).join(', ');
    if (told !== '' && told !== 'constant' && told !== `parameter ${node.text}` && `${told}()` !== `call ${node.refersTo}`) parts.push(`from ${told}`);
    const defined = node.refersTo === undefined ? undefined : file.definition(node.refersTo);
    if (defined !== undefined)
      parts.push(`defined in ${defined.path} as ${defined.kind} ${defined.qualified}${defined.does === undefined ? '' : `, which ${defined.does}`}`);
    const reached = node.type === 'call' ? file.reaches(node) : [];
    for (const it of reached) parts.push(`hands \`${it.argument.text}\` to \`${it.sink.callee ?? ''}\`, where it ${it.what}`);
    const data = file.dataFile(node);
    if (typeof data !== 'string') parts.push(`file ${data.map((it) => it.path).join(' or ')}`);
    const contexts = contextsOf(node, file);
    if (contexts.length > 0) parts.push(`in ${contexts.join(', ')}`);
    const trail = told === '' ? [] : origins.filter((it) => it.sort !== 'constant').flatMap((it) => [...it.trail]);
    yield { at: node.place, message: `${ANSWER}${node.text}${ANSWER}${parts.length === 0 ? 'is unknown' : parts.join('; ')}`, trail };
  }
}

function contextsOf(node: Node, file: TestFile): string[] {
  const name = node.type === 'call' ? node.callee : 'refersTo' in node ? node.refersTo : undefined;
  const stub = name === undefined ? undefined : file.stubbed(name, node);
  return [
    file.expected(node) ? 'EXPECT' : '',
    stub === undefined ? '' : `STUBBED by ${stub.by}`,
    file.rejected(node) ? 'REJECT' : '',
    file.parametrized(node) ? 'PARAM' : '',
    file.guarded(node) ? 'GUARDED' : '',
    file.asksForNetwork(node) ? 'NETWORK' : '',
  ].filter((it) => it !== '');
}

function fileFact(file: TestFile): string {
  const { python, options, markers, warnings } = file.project;
  return [
    `${file.kind}, ${file.tier}${file.uncollected ? ', not collected' : ''}${file.aside ? ', aside' : ''}`,
    python === undefined ? '' : `; Python ${python.join('.')}`,
    options.length === 0 ? '' : `; pytest ${options.map((it) => it.text).join(' ')} of ${options[0]?.path ?? ''}`,
    markers.length === 0 ? '' : `; marks ${markers.map((it) => it.name).join(', ')}`,
    warnings.length === 0 ? '' : `; warnings ${warnings.join(', ')}`,
  ].join('');
}

const GUARANTEES = ['stopall', 'nested-temp', 'home', 'config-reset', 'autospec', 'poison', 'rollback', 'environment'] as const;

function classFact(it: Subjects['class']): string {
  const guarantees = GUARANTEES.filter((what) => it.guarantees(what) === 'yes').map((what) => `${what} by ${it.guarantor(what) ?? 'nobody'}`);
  return [
    `${it.isTest ? 'test class' : 'class'} ${it.qualified}`,
    it.ancestors.length === 0 ? '' : ` < ${it.ancestors.join(' < ')}`,
    it.unresolved.length === 0 ? '' : `; not found: ${it.unresolved.join(', ')}`,
    guarantees.length === 0 ? '' : `; guarantees ${guarantees.join(', ')}`,
  ].join('');
}

function* functionFacts(it: Subjects['function']): Iterable<Finding> {
  const { fixture } = it;
  if (fixture !== undefined)
    yield { at: it.namePlace, message: `fixture ${fixture.name}, ${fixture.scope}${fixture.autouse ? ', autouse' : ''}${it.generator ? ', yields' : ''}` };
  else if (it.role !== 'helper')
    yield { at: it.namePlace, message: `${it.role} ${it.name}${it.upcalls.length === 0 ? '' : `, upcalls ${it.upcalls.join(', ')}`}` };
}

function patchFact(it: Subjects['patch']): string {
  const owner = it.owner === undefined ? '' : ` in ${it.owner.name}`;
  return `patch (${it.form}) of ${it.targets.length === 0 ? '?' : it.targets.join(' and ')}, ${it.applied}${it.specced ? ', specced' : ''}${it.replacement === undefined ? '' : ` with ${it.replacement.text}`}${owner}`;
}

function resourceFact(it: Subjects['resource']): string {
  return `${it.sort}${it.holder === undefined ? '' : ` held by ${it.holder}`}: ${it.fate}${it.handedTo === undefined ? '' : ` to ${it.handedTo.function.text}`}${guarantees(it.releases)}`;
}

function guarantees(releases: readonly Release[]): string {
  const by = releases.filter((it) => it.place === undefined).map((it) => ` by ${it.by}`);
  return by.join('');
}

function releaseStep(it: Release): { readonly at: Place; readonly note: string }[] {
  return it.place === undefined ? [] : [{ at: it.place, note: `${it.how} ${it.by}` }];
}

function shown(it: Value): string {
  switch (it.kind) {
    case 'constant':
      return `${it.bytes === true ? 'b' : ''}${JSON.stringify(it.value)}`;
    case 'joined':
      return it.parts.map((part) => (part.kind === 'constant' ? JSON.stringify(part.value) : `{${shown(part)}}`)).join(' ');
    case 'list':
      return `[${it.items.map(shown).join(', ')}]`;
    case 'dict':
      return `{${it.entries.map(([key, value]) => `${shown(key)}: ${shown(value)}`).join(', ')}}`;
    case 'oneOf':
      return it.choices.map(shown).join(' | ');
    case 'result':
      return `result of ${it.name}`;
    case 'parameter':
      return `parameter ${it.name}`;
    case 'unknown':
      return '?';
  }
}
