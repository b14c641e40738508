import { argumentsKnown, type Expression, type TestFile } from '../model.ts';
import { isMockName } from '../python/mock.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { isCredentialName } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** Give a new value for every name. */
const MADE_UP = /uuidsentinel|\bsentinel\b|faker|factory/i;

/** What oslo.config read, also as tempest passes it on. */
const CONFIGURATION = /^(?:oslo_config\.cfg|tempest\.config)\.CONF\./;

/** The dotted name of what stands in a module that is not in the workspace. */
function importedName(it: Expression, file: TestFile): string | undefined {
  if (it.type !== 'name' && it.type !== 'attribute') return undefined;
  const name = it.refersTo;
  if (name === undefined || !name.includes('.') || /[()[\]]|<locals>/.test(name) || isMockName(name) || MADE_UP.test(name)) return undefined;
  if (STANDARD_LIBRARY.has(name.slice(0, name.indexOf('.'))) || it.value.kind !== 'unknown') return undefined;
  // The operator writes it, in a file of the machine.
  if (CONFIGURATION.test(name)) return undefined;
  // A member of a class, as of an enumeration, is a choice; a class holds nothing.
  if (/\.[A-Z][A-Z\d]*[a-z]\w*(?:\.|$)/.test(name)) return undefined;
  // Only what an import of this file brings in: the rest is in the workspace.
  const root = name.slice(0, name.indexOf('.'));
  // A package that the project requires holds nothing of its own: `django.conf.settings` are written in the workspace.
  if (!file.imports(root) || file.project.requires(root)) return undefined;
  // What a module of the workspace makes as it runs is told of there.
  const holder = name.slice(0, name.lastIndexOf('.'));
  return file.exists(name) === 'unknown' && file.exists(holder) !== 'yes' && file.definition(name) === undefined ? name : undefined;
}

export const rule = defineRule({
  id: 'credential-imported',
  code: 'SEC-U01',
  category: 'credentials',
  title: 'Credential of a module that is not in the workspace',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Whether the value is made up or real is written where the module is.',
  instead: 'Open the folder that holds the module, or give it with `--root`.',
  limits:
    'Only values that are passed by a keyword that sounds like a credential, and neither classes nor their members, nor what is in packages that the project requires, nor what oslo.config read (`CONF` of tempest too); an account that the test itself creates opens nothing else.',
  links: ['https://cwe.mitre.org/data/definitions/798.html'],
  once: 'file',
  on: 'call',
  keywords: isCredentialName,
  *check(call, file) {
    if ((!argumentsKnown(call) && call.arguments.length === 1) || /^(?:create|add|register)/.test(call.method)) return;
    for (const it of call.arguments) {
      if (it.keyword === undefined || !isCredentialName(it.keyword)) continue;
      const name = importedName(it.value, file);
      if (name !== undefined && !file.expected(it.value))
        yield { at: it.value.place, message: `\`${it.keyword}\` is \`${it.value.text.slice(0, 60)}\`, whose module was not found: is the value made up?` };
    }
  },
  examples: [
    {
      name: 'a constant of another package',
      bad: py`
        from elsewhere import settings

        def test_login(client):
            client.login(password=settings.PASSWORD)
            #                     ^^^^^^^^^^^^^^^^^ whose module was not found
      `,
    },
    {
      name: 'a module of the workspace, a sentinel, a value of the file',
      good: {
        'tests/test_login.py': py`
          from django.conf import settings as site
          from oslo_utils.fixture import uuidsentinel as uuids
          from quays_testing import accounts
          from tempest import config
          from elsewhere.kinds import PasswordSource
          from tests import options, settings

          CONF = config.CONF
          PASSWORD = "not-a-real-password"

          def test_login(client):
              client.login(password=CONF.auth.admin_password)
              client.login(password=settings.PASSWORD)
              client.login(password=PASSWORD)
              client.login(token=uuids.token)
              client.login(password=PasswordSource.HOST)
              client.login(password=site.HARBOUR_PASSWORD)
              client.login(password=accounts.PASSWORD)
              client.login(password=options.harbour.password)
        `,
        'requirements.txt': 'Django>=5.0\n',
        'quays_testing/quays_testing/accounts.py': 'PASSWORD = "not-a-real-password"\n',
        'tests/options.py': 'from oslo_config import cfg\n\nharbour = cfg.CONF.harbour\n',
        'tests/settings.py': 'PASSWORD = "not-a-real-password"\n',
      },
    },
    {
      name: 'a class, which holds no secret, and an account that the test makes',
      good: py`
        from cloud import auth, testing
        from cloud.client import Client

        def test_anonymous():
            assert Client(credentials=auth.AnonymousCredentials)

        def test_captain(users):
            assert users.create(name="captain", password=testing.USER_PASSWORD)
      `,
    },
  ],
});
