import type { Parameter } from '../model.ts';
import { isCredentialName } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'credential-from-unknown-fixture',
  code: 'SEC-U03',
  category: 'credentials',
  title: 'Credential of a fixture that is not in the workspace',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'A fixture of a plug-in or of another repository may hand out a made-up credential or a real one.',
  instead: 'Open the folder that holds the fixture, or give it with `--root`.',
  limits:
    'Fixtures are looked for in the file and in the `conftest.py` files above it; those that pytest-factoryboy makes are known by its `register`, those of plug-ins are not found. A numbered one is a copy of the one whose name it has; a class that is not collected leaves its fixtures to its subclasses. A parameter of a class that is no text is none; nothing is said where a file of the chain makes fixtures through `globals()`, nor of a function that the file itself calls with arguments.',
  links: ['https://docs.pytest.org/en/stable/reference/fixtures.html'],
  once: 'file',
  on: 'function',
  wants: ({ node }) => node.parameters.some((it) => isCredentialName(it.name)),
  *check(subject, file) {
    if (subject.role !== 'test' && subject.fixture === undefined) return;
    // Tests of unittest get no fixtures; those of a class that nobody collects, its subclasses define.
    if (subject.class !== undefined && (!subject.class.name.startsWith('Test') || subject.class.ancestors.some((it) => it.endsWith('TestCase')))) return;
    if (subject.node.parent !== undefined && subject.node.parent.type !== 'class') return; // a function inside another
    if (file.isOfScript(subject)) return;
    const decorators = [...subject.node.decorators, ...(subject.class?.decorators ?? [])].map((it) => it.text).join('\n');
    for (const it of subject.node.parameters) {
      if (it.star !== '' || it.default !== undefined || !isCredentialName(it.name) || file.fixtureFrom(it.name) !== 'not found') continue;
      if (/(?:^|_)(?:get|make|create|new|with)_/.test(it.name)) continue; // a function that gives one
      if (isAnnotatedObject(it)) continue;
      const copied = /^(\w+)_\d+$/.exec(it.name)?.[1];
      if (copied !== undefined && file.fixtureFrom(copied) !== 'not found') continue;
      // Parametrized, given by hypothesis, or a mock that a decorator passes.
      if (new RegExp(`\\b${it.name}\\b`).test(decorators) || /\bpatch\b|\bgiven\b|\bdata\b|parametrize|\bexpand\b/.test(decorators)) continue;
      yield { at: it.place, message: `where the fixture \`${it.name}\` gets its credential was not found` };
    }
  },
  examples: [
    {
      name: 'a fixture of a plug-in',
      bad: py`
        def test_login(client, api_token):
            #                  ^^^^^^^^^ where the fixture ${'`api_token`'} gets its credential was not found
            client.login(api_token)
      `,
    },
    {
      name: 'a class that is no text is left out: not a text, anything, or what is named for a credential',
      bad: py`
        from typing import Any
        from bank import AccessToken, Harbour

        def test_login(client, api_token: Any, account_password: str, harbour_pwd: Harbour, user_token: "AccessToken"):
            #                  ^^^^^^^^^^^^^^ where the fixture ${'`api_token`'} gets its credential was not found; 2 more of its kind
            client.login(api_token)
      `,
    },
    {
      name: 'fixtures of the file and of conftest.py, parameters',
      good: {
        'tests/test_login.py': py`
          import pytest

          @pytest.fixture
          def api_token():
              return "not-a-real-token"

          def test_login(client, api_token, admin_password):
              client.login(api_token, admin_password)

          @pytest.mark.parametrize("token", ["", "not-a-real-token"])
          def test_refused(client, token):
              client.login(token)

          def helper(client, token):
              client.login(token)

          def test_copy(client, api_token_2):
              client.login(api_token_2)

          def test_made(client, account_token, token_vote_factory, spare_token):
              client.login(account_token, token_vote_factory(), spare_token)

          class SharedLoginTests:
              def test_login(self, client, account_token):
                  client.login(account_token)
        `,
        'tests/conftest.py': py`
          import pytest
          import factory
          from pytest_factoryboy import register
          from tests import factories

          register(factories.TokenVoteFactory)
          register(factories.TokenVoteFactory, "spare_token")

          @register
          class AccountTokenFactory(factory.Factory):
              pass

          @pytest.fixture
          def admin_password():
              return "not-a-real-password"
        `,
      },
    },
    {
      name: 'fixtures that are made by their names',
      good: {
        'tests/test_login.py': 'def test_login(client, quay_token):\n    client.login(quay_token)\n',
        'tests/conftest.py': py`
          import pytest

          def make(name):
              @pytest.fixture
              def made():
                  return f"not-a-real-{name}"
              return made

          for name in ("quay", "pier"):
              globals()[f"{name}_token"] = make(name)
        `,
      },
    },
    {
      name: 'a function of a script, which the file itself calls',
      good: py`
        from harbour import client, log_in

        def test_quays(api_token):
            return client.get("/quays", api_token)

        if __name__ == "__main__":
            test_quays(log_in())
      `,
    },
  ],
});

/** `pwd: CertificateAuthority`: an object of that class, and no credential, unless the class is named for one or may hold any text. */
function isAnnotatedObject({ annotation }: Parameter): boolean {
  const written = annotation?.type === 'string' ? annotation.content : annotation?.text;
  const name = /^(?:\w{1,80}\.){0,5}([A-Z]\w{1,80})$/.exec(written ?? '')?.[1];
  return name !== undefined && !ANY_TEXT.test(name) && !isCredentialName(name);
}

const ANY_TEXT =
  /^(?:Any|AnyStr|Text|ByteString|Buffer|LiteralString|Secret\w*|\w*Path|Callable|Dict|List|Tuple|Mapping|Sequence|Iterable|\w*Str|\w*String|\w*Bytes)$/;
