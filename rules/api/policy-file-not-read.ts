import { argument, type Call, constantText, type Expression, type TestFile, walk } from '../model.ts';
import { writesFile } from '../python/data-files.ts';
import { setUpsOf } from '../python/unittest.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'policy-file-not-read',
  code: 'API-U02',
  category: 'api',
  title: 'policy or pipeline is in a file that is not read',
  kind: 'open',
  confidence: 'high',
  cwe: [285],
  why: 'Who may do what, and whether the pipeline asks who calls at all, is written in that file.',
  instead: 'Look into the file, or put the rules that matter into the test.',
  limits:
    'Attest reads Python only, so it says this of every such file; not where the test, its fixtures or set-up write one of that name, where it expects that there is none, or makes `os.path.exists` say so, nor where it replaces `paste.deploy.loadapp`.',
  links: ['https://docs.openstack.org/oslo.policy/latest/admin/policy-yaml-file.html', 'https://docs.pylonsproject.org/projects/pastedeploy/en/latest/'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => callee.startsWith('paste.deploy.') || /^(?:flags|config|Enforcer|override|override_config|set_override|set_default)$/.test(method),
  *check(call, file) {
    if (file.expected(call)) return;
    const given = fileOf(call);
    const path = constantText(given?.value);
    if (given === undefined || path === undefined || path.trim() === '' || /none|missing|nonexist|no_such|does.?not/i.test(path)) return;
    if (isOfTheTest(path, call, file)) return;
    yield { at: given.place, message: `who may do what is written in \`${path}\`, which is not read` };
  },
  examples: [
    {
      name: 'a policy file',
      bad: {
        'tests/test_berths.py': py`
          import testtools

          class TestBerths(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.flags(policy_file="policy.yaml", group="oslo_policy")
                  #                      ^^^^^^^^^^^^^ who may do what is written in
        `,
        'etc/harbour/policy.yaml': 'admin: role:admin\n',
      },
    },
    {
      name: 'a pipeline of Paste',
      bad: py`
        from paste import deploy

        def test_start():
            app = deploy.loadapp("config:etc/api-paste.ini", name="public")  #! which is not read
            assert app
      `,
    },
    {
      name: 'a path that the test makes, another option, an expectation',
      good: py`
        import json
        import os
        from unittest import mock
        import testtools
        from oslo_policy import policy
        from paste import deploy

        class TestNothingThere(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.stub_out("os.path.exists", lambda _: False)

            def test_start(self):
                self.flags(api_paste_config="api-paste.ini", group="wsgi")
                self.assertIsNone(Loader().path)

        class TestUpgrade(testtools.TestCase):
            def test_missing(self):
                self.flags(api_paste_config="etc/api-paste.ini", group="wsgi")
                self.assertRaises(errors.ConfigNotFound, Loader)

            def test_old_file(self):
                self.flags(policy_file="policy.json", group="oslo_policy")
                path = os.path.join(self.folder.path, "policy.json")
                with open(path, "w") as stored:
                    json.dump(self.rules, stored)
                self.assertFalse(self.upgrade())

        class TestLoad(testtools.TestCase):
            @mock.patch("paste.deploy.loadapp")
            def test_load(self, load):
                self.config(api_paste_config="api-paste.ini.test")
                self.assertIs(load.return_value, Loader().load())

            def test_load_fails(self):
                self.config(api_paste_config="api-paste.ini.test")
                with mock.patch.object(deploy, "loadapp", side_effect=LookupError):
                    self.assertIsNone(Loader().load())

        def test_start(conf, tmp_path):
            conf.set_override("policy_file", str(tmp_path / "policy.yaml"), group="oslo_policy")
            conf.set_override("lock_path", "lock")
            assert conf.policy_file == "policy.yaml"
      `,
    },
  ],
});

function fileOf(call: Call): Expression | undefined {
  if (/^paste\.deploy\.(?:loadapp|loadserver|appconfig)$/.test(call.callee ?? '')) return argument(call, 'uri', 0);
  const named = argument(call, 'policy_file') ?? argument(call, 'api_paste_config');
  if (named !== undefined && /^(?:flags|config|Enforcer|override|override_config)$/.test(call.method)) return named;
  if (!/^(?:set_override|set_default|override)$/.test(call.method)) return undefined;
  return /^(?:policy_file|api_paste_config)$/.test(constantText(call.arguments[0]?.value.value) ?? '') ? call.arguments[1]?.value : undefined;
}

/** Does the test, or what runs before it, write a file of that name, or see to it that there is none? */
function isOfTheTest(path: string, call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined) return false;
  if (file.stubbed('os.path.exists', call) !== undefined) return true;
  const nodes = walk(owner.node);
  // No pipeline is made of it.
  if (nodes.some((it) => it.type === 'call' && file.stubbed('paste.deploy.loadapp', it) !== undefined)) return true;
  const isAbsent = nodes.some((it) => it.type === 'call' && /raises/i.test(it.method) && it.arguments.some(({ value }) => ABSENT.test(value.text)));
  const name = path.slice(path.lastIndexOf('/') + 1);
  return isAbsent || [owner.node, ...setUpsOf(owner, file), ...file.fixturesFor(owner)].some((it) => writesFile(it, name));
}

/** `FileNotFoundError`, `ConfigNotFound` */
const ABSENT = /not_?found|no_?such|missing/i;
