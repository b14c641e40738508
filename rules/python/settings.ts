/**
 * Settings that test code gives to the application under test, however it is written:
 *
 *     app.config['AUTH_ENABLED'] = False       app.config.update(AUTH_ENABLED=False)
 *     settings.AUTH_ENABLED = False            @override_settings(AUTH_ENABLED=False)
 *     self.flags(auth_strategy='noauth2')      monkeypatch.setenv('AUTH_ENABLED', '0')
 *
 * Sources: Flask 3 and Django 5 documentation, oslo.config 9, pytest 8, unittest.mock (3.13).
 */
import type { Assignment, Call, Expression, Node, Value } from '../model.ts';
import { argument, constantText } from '../model.ts';

export interface Setting {
  readonly key: string;
  readonly value: Expression;
  /** Who holds it: text of the object, or the function that sets it. */
  readonly holder: string;
  /** The object that is changed, where it is one: `app` of `app.config['A'] = 1`. */
  readonly object: Expression | undefined;
  readonly where: 'object' | 'environment' | 'definition' | 'call';
  readonly node: Node;
}

const HOLDER = /(?:^|[._])(?:config|settings|conf|cfg|environ|app|application|registry\.settings|dependency_overrides|session)$/i;
const LOGIN = /^_?login/;
const CONSTANT = /^[A-Z][A-Z0-9_]+$/;
/** Take settings as keyword arguments, or as a mapping. */
const SETTERS = /^(?:update|from_mapping|override_settings|settings|flags|config|modify_settings|dict|create_app|make_app|from_dict|configure|override)$/;
/** Take the name of a setting and its value, as the arguments of these positions. */
const NAMED: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['set_override', [0, 1]],
  ['set_default', [0, 1]],
  ['setenv', [0, 1]],
  ['putenv', [0, 1]],
  ['setdefault', [0, 1]],
  ['EnvironmentVariable', [0, 1]],
  ['setitem', [1, 2]],
  ['setattr', [1, 2]],
  ['MockPatchObject', [1, 2]],
]);

/** Can a call of this name give settings? */
export function givesSettings(method: string): boolean {
  return NAMED.has(method) || SETTERS.test(method);
}

/** Can the assignment give a setting: to an attribute or a key of what may hold some, or to a constant? Asked by one rule after the other. */
export function mayGiveSettings(node: Assignment): boolean {
  if (lastAsked !== node) {
    lastAsked = node;
    lastMay = node.targets.some((it) => mayBeSetting(it, node));
  }
  return lastMay;
}

let lastAsked: Assignment | undefined;
let lastMay = false;

function mayBeSetting(it: Expression, node: Assignment): boolean {
  switch (it.type) {
    case 'subscript':
      return mayHold(it.object);
    case 'attribute':
      return mayHold(it.object) || LOGIN.test(it.name);
    case 'name':
      return CONSTANT.test(it.id) && isOutsideFunctions(node);
    default:
      return false;
  }
}

/** By its last name alone. */
function mayHold(it: Expression): boolean {
  return HOLDER.test(it.type === 'attribute' ? it.name : it.text);
}

/** At the level of a module or class: a settings module, a `class TestConfig`. */
function isOutsideFunctions(node: Assignment): boolean {
  return node.parent === undefined || node.parent.type === 'class';
}

/** The settings that an assignment or a call gives. */
export function settingsOf(node: Assignment | Call): readonly Setting[] {
  return node.type === 'assignment' ? assigned(node) : given(node);
}

function assigned(node: Assignment): readonly Setting[] {
  const { value } = node;
  if (value === undefined || node.operator !== undefined) return [];
  return node.targets.flatMap((target): Setting[] => {
    if (target.type === 'subscript') {
      const key = constantText(target.index[0]?.value);
      return key === undefined || !HOLDER.test(target.object.text)
        ? []
        : [{ key, value, holder: target.object.text, object: target.object, where: target.object.refersTo === 'os.environ' ? 'environment' : 'object', node }];
    }
    if (target.type === 'attribute')
      return HOLDER.test(target.object.text) || LOGIN.test(target.name)
        ? [{ key: target.name, value, holder: target.object.text, object: target.object, where: 'object', node }]
        : [];
    if (target.type !== 'name' || !CONSTANT.test(target.id) || !isOutsideFunctions(node)) return [];
    return [{ key: target.id, value, holder: '', object: undefined, where: 'definition', node }];
  });
}

function given(call: Call): readonly Setting[] {
  const holder = call.function.text;
  const at = NAMED.get(call.method);
  if (at !== undefined) {
    const key = argument(call, undefined, at[0]);
    const value = argument(call, undefined, at[1]);
    const text = constantText(key?.value);
    return text === undefined || value === undefined
      ? []
      : [
          {
            key: text.slice(text.lastIndexOf('.') + 1),
            value,
            holder,
            object: undefined,
            where: /env/i.test(call.method) ? 'environment' : 'call',
            node: call,
          },
        ];
  }
  if (!SETTERS.test(call.method)) return [];
  if (call.method === 'dict' && call.callee !== 'unittest.mock.patch.dict') return [];
  if (call.method === 'update' && (call.function.type !== 'attribute' || !HOLDER.test(call.function.object.text))) return [];
  const environment = call.method === 'dict' && call.arguments[0]?.value.refersTo === 'os.environ';
  const where = environment || (call.function.type === 'attribute' && call.function.object.refersTo === 'os.environ') ? 'environment' : 'call';
  const object = call.method === 'update' || call.method === 'from_mapping' ? objectOf(call) : undefined;
  return call.arguments.flatMap((it): Setting[] => {
    if (it.keyword !== undefined && it.value.type !== 'dict') return [{ key: it.keyword, value: it.value, holder, object, where, node: call }];
    if (it.value.type !== 'dict') return [];
    return it.value.entries.flatMap((entry): Setting[] => {
      const key = constantText(entry.key?.value);
      return key === undefined ? [] : [{ key, value: entry.value, holder, object, where, node: call }];
    });
  });
}

function objectOf(call: Call): Expression | undefined {
  return call.function.type === 'attribute' ? call.function.object : undefined;
}

/** `True`, `1`, `'true'`, `'yes'`, `'on'`. */
export function isOn(value: Value): boolean {
  return (
    value.kind === 'constant' &&
    (value.value === true || value.value === 1 || (typeof value.value === 'string' && /^(?:1|true|yes|on|y|t)$/i.test(value.value)))
  );
}

/** `False`, `0`, `'false'`, `'no'`, `'off'`, `''`. */
export function isOff(value: Value): boolean {
  return (
    value.kind === 'constant' &&
    (value.value === false || value.value === 0 || (typeof value.value === 'string' && /^(?:0|false|no|off|n|f|)$/i.test(value.value)))
  );
}
