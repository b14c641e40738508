import type { Assignment, Expression } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'settings-mutated-in-place',
  code: 'RES023',
  category: 'resources',
  title: 'Framework settings mutated in place',
  kind: 'review',
  confidence: 'medium',
  cwe: [459],
  peers: { sonar: ['S8997'] },
  why: 'Settings are shared by the whole process: a check that one test switches off stays off for all that follow.',
  instead: "Use `override_settings`, pytest-django's `settings`, or `monkeypatch.setitem(app.config, …)`.",
  limits: 'An application that a fixture makes anew is recognised only as a parameter.',
  links: ['https://docs.djangoproject.com/en/stable/topics/testing/tools/#overriding-settings'],
  on: 'assignment',
  wants: ({ targets }) => targets.some((it) => settingsOf(it) !== undefined),
  *check(assignment, file) {
    const owner = file.ownerOf(assignment);
    // Test cases are made before any test runs: what their constructor sets holds for all of them.
    if (owner === undefined || owner.name === '__init__' || owner.role === 'teardown' || owner.role === 'class-teardown') return;
    for (const it of assignment.targets) {
      const what = settingsOf(it);
      if (what === undefined || restored(what, owner.node, assignment)) continue;
      yield { at: it.place, message: `\`${it.text}\` changes settings of the whole process and is not set back`, ...fixOf(assignment, owner.parameters) };
    }
  },
  examples: [
    {
      name: 'Django and Flask',
      bad: py`
        from django.conf import settings
        from flask import current_app

        def test_debug(client):
            settings.DEBUG = True  #! settings of the whole process
            current_app.config['WTF_CSRF_ENABLED'] = False  #! settings of the whole process
            assert client.get('/')
      `,
    },
    {
      name: 'with monkeypatch at hand',
      bad: py`
        from django.conf import settings
        from flask import current_app

        def test_debug(client, monkeypatch):
            settings.DEBUG = True  #! settings of the whole process
            current_app.config["LOGIN_URL"] = "/in"  #! settings of the whole process
            assert client.get('/')
      `,
      fixed: py`
        from django.conf import settings
        from flask import current_app

        def test_debug(client, monkeypatch):
            monkeypatch.setattr(settings, "DEBUG", True)
            monkeypatch.setitem(current_app.config, "LOGIN_URL", "/in")
            assert client.get('/')
      `,
    },
    {
      name: 'the fixture of pytest-django, set back in finally',
      good: py`
        from django.conf import settings as real
        from django.test import TestCase

        def test_debug(client, settings):
            settings.DEBUG = True
            assert client.get('/')

        class HarbourCase(TestCase):
            def __init__(self, *args, **kwargs):
                real.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
                super().__init__(*args, **kwargs)

        def test_finally(client):
            before = real.DEBUG
            real.DEBUG = True
            try:
                assert client.get('/')
            finally:
                real.DEBUG = before
      `,
    },
  ],
});

/** The written name of shared settings that an assignment target changes. */
function settingsOf(it: Expression): string | undefined {
  if (it.type === 'attribute' && it.object.refersTo === 'django.conf.settings') return it.text;
  if (it.type === 'subscript' && it.object.type === 'attribute' && it.object.name === 'config' && it.object.refersTo === 'flask.current_app.config')
    return it.text;
  return undefined;
}

/** Set back in `finally`, behind a `yield`, or itself the one that sets back. */
function restored(what: string, owner: Parameters<typeof walk>[0], assignment: Parameters<typeof walk>[0]): boolean {
  for (const it of ancestors(assignment)) if (it.type === 'try' && it.final.some((each) => [...walk(each)].includes(assignment))) return true;
  for (const it of walk(owner)) {
    if (it.type === 'try' && it.final.some((each) => each.text.includes(what))) return true;
    if (it.type === 'yield') return true;
    if (it.type === 'call' && /cleanup|finalizer/i.test(it.method) && it.text.includes(what.split('.')[0] ?? what)) return true;
  }
  return false;
}

/** The same through `monkeypatch`, where the test has it. */
function fixOf(assignment: Assignment, parameters: readonly string[]): { fix?: Fix } {
  const [target] = assignment.targets;
  if (!parameters.includes('monkeypatch') || assignment.targets.length !== 1 || assignment.value === undefined || assignment.operator !== undefined) return {};
  const [key] = target?.type === 'subscript' ? target.index : [];
  if (target?.type === 'attribute') return suggested(assignment, 'setattr', `${target.object.text}, "${target.name}", ${assignment.value.text}`);
  return target?.type === 'subscript' && key !== undefined
    ? suggested(assignment, 'setitem', `${target.object.text}, ${key.text}, ${assignment.value.text}`)
    : {};
}

function suggested(assignment: Assignment, method: string, given: string): { fix: Fix } {
  return { fix: { title: `Use \`monkeypatch.${method}\``, safety: 'suggest', edits: [replace(assignment, `monkeypatch.${method}(${given})`)] } };
}
