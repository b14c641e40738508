import type { Literal } from '../model.ts';
import { isPlaceholder } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

const CLOUD =
  /^(?:AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN)|AZURE_(?:CLIENT_SECRET|CLIENT_ID|STORAGE_KEY)|GOOGLE_API_KEY|OS_(?:PASSWORD|TOKEN)|ARM_CLIENT_SECRET|DIGITALOCEAN_(?:ACCESS_)?TOKEN)$/;

/** Is the text put into the environment: `setenv`, `patch.dict(os.environ, …)`, `os.environ[…] = …`? */
function goesIntoEnvironment({ node }: Literal): boolean {
  const { parent } = node;
  if (parent?.type === 'call') return /^(?:setenv|EnvironmentVariable|setdefault|setitem)$/.test(parent.method);
  if (parent?.type === 'assignment') {
    const [target] = parent.targets;
    return target?.type === 'subscript' && target.object.refersTo === 'os.environ';
  }
  if (parent?.type !== 'dict' || parent.parent?.type !== 'call') return false;
  return parent.parent.arguments[0]?.value.refersTo === 'os.environ' || parent.parent.callee === 'os.environ.update';
}

export const rule = defineRule({
  id: 'dummy-cloud-credentials',
  code: 'SEC-S04',
  category: 'credentials',
  title: 'Cloud credentials are dummies',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'With dummies in the environment a client that escapes its stub is refused by the cloud instead of changing a real account.',
  limits: 'Says that the variable is set to a placeholder, not that it is set before a client is made.',
  links: ['https://docs.getmoto.org/en/latest/docs/getting_started.html#how-do-i-avoid-tests-from-mutating-my-real-infrastructure'],
  once: 'file',
  on: 'literal',
  literals: (boundTo) => CLOUD.test(boundTo),
  *check(literal) {
    const { boundTo, content } = literal;
    if (boundTo === undefined || !CLOUD.test(boundTo) || !isPlaceholder(content) || !goesIntoEnvironment(literal)) return;
    yield {
      at: literal.place,
      message: `\`${boundTo}\` is set to \`${content.replace(/[\s`]+/g, ' ').slice(0, 24)}\`: no real account can be reached with it`,
    };
  },
  examples: [
    {
      name: 'a fixture as moto recommends it',
      bad: py`
        import pytest

        @pytest.fixture
        def aws_credentials(monkeypatch):
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")  #! no real account can be reached with it
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
      `,
    },
    {
      name: 'a patched environment',
      bad: py`
        import os
        from unittest import mock

        @mock.patch.dict(os.environ, {"AWS_ACCESS_KEY_ID": "testing"})  #! is set to ${'`testing`'}
        def test_store(store):
            store.list()
      `,
    },
    {
      name: 'a value from somewhere else, a comment, another mapping',
      good: py`
        def test_store(store, monkeypatch, key):
            # monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
            store.list({"AWS_ACCESS_KEY_ID": "testing"})
      `,
    },
  ],
});
