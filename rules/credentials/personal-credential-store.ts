import { argument, type Call, constantText, type Expression, statementOf, type TestFile, type Value } from '../model.ts';
import { defineRule, type Fix, insertBefore, py } from '../rule.ts';

const STORES =
  /(?:^|\/)(?:\.aws\/(?:credentials|config)|\.ssh\/(?:id_\w+|config|known_hosts|authorized_keys)|\.netrc|_netrc|\.kube\/config|\.docker\/config\.json|\.pypirc|\.git-credentials|\.config\/openstack\/clouds\.yaml)$/;
const GCLOUD = /^~\w{0,32}\/\.config\/gcloud\/\w[\w/.]*$/;
const READERS = /^(?:builtins\.open|netrc\.netrc|pathlib\.Path\(\)(?:\.\w+\(\))*\.(?:read_text|read_bytes|open))$/;
const KEYRING: ReadonlySet<string> = new Set(['keyring.get_password', 'keyring.get_credential']);

/** Known text of a path, holes as `*`, with `~` for the home folder where something makes it that: `open("~/.netrc")` opens no such file. */
function shown(value: Value, isExpanded = false): string {
  switch (value.kind) {
    case 'constant': {
      const text = String(value.value);
      return isExpanded || !text.startsWith('~') ? text : '*';
    }
    case 'joined':
      return value.parts.map((it) => shown(it, isExpanded)).join('');
    case 'result':
      return shownResult(value.call, value.name, isExpanded);
    default:
      return '*';
  }
}

function shownResult({ function: callee, arguments: given }: Call, name: string, isExpanded: boolean): string {
  const expands = isExpanded || /expanduser$/.test(name);
  if (callee.type === 'attribute' && name.includes('()')) return /\.(?:expanduser|resolve|absolute)$/.test(name) ? shown(callee.object.value, expands) : '*';
  const [path] = given;
  if (path !== undefined && /(?:expanduser|fspath|Path)$/.test(name)) return shown(path.value.value, expands);
  if (path !== undefined && name === 'os.path.expandvars') return shown(path.value.value, isExpanded).replace(/^\$(?:HOME|\{HOME\})(?=\/)/, '~');
  return /\.home$/.test(name) ? '~' : '*';
}

/** The path is below the home folder: `~/…`, `Path.home() / …`, `expanduser`. */
function inHome(path: Expression): string | undefined {
  const text = shown(path.value);
  return /^~\w{0,32}\//.test(text) && (STORES.test(text) || GCLOUD.test(text)) ? text : undefined;
}

function homeIsRedirected(file: TestFile, at: Expression): boolean {
  const owner = file.ownerOf(at);
  if (owner?.class?.guarantees('home') === 'yes' || owner?.parameters.includes('fs') === true) return true;
  return owner !== undefined && /TempHomeDir|(?:setenv|\.set)\(\s{0,4}["']HOME["']|environ\[["']HOME["']\]|["']HOME["']\s{0,3}:/.test(owner.node.text);
}

/** HOME somewhere else, in the way of the test: a fixture of pytest that it already has, or `useFixture`. */
function fixOf(call: Call, what: string, file: TestFile): { readonly fix?: Fix } {
  const owner = file.ownerOf(call);
  const first = owner?.node.body[0];
  if (owner === undefined || first === undefined || owner.role !== 'test' || !what.startsWith('~') || statementOf(call) === undefined) return {};
  const title = 'Point HOME to a temporary folder';
  if (owner.parameters.includes('monkeypatch') && owner.parameters.includes('tmp_path'))
    return { fix: { title, safety: 'suggest', edits: [insertBefore(first, 'monkeypatch.setenv("HOME", str(tmp_path))')] } };
  if (file.imports('fixtures') && owner.class !== undefined)
    return { fix: { title, safety: 'suggest', edits: [insertBefore(first, 'self.useFixture(fixtures.TempHomeDir())'), { do: 'import', module: 'fixtures' }] } };
  return {};
}

/** What reads the files for a library. */
const BENEATH: Readonly<Record<string, readonly string[]>> = { boto3: ['botocore.session.Session', 'botocore.session.get_session'] };

export const rule = defineRule({
  id: 'personal-credential-store',
  code: 'SEC014',
  category: 'credentials',
  title: "The developer's own credentials are read",
  kind: 'fail',
  kinds: ['fail', 'review'],
  confidence: 'high',
  cwe: [522],
  why: 'The test uses whatever login the person who runs it has: with real rights, against real accounts, and differently on every computer.',
  instead: 'Point HOME to a temporary folder: `monkeypatch.setenv("HOME", str(tmp_path))`, `self.useFixture(fixtures.TempHomeDir())`.',
  limits: 'A path that comes from configuration, and stores that a library reads by itself, are not seen. A test that is always skipped is passed over.',
  links: ['https://cwe.mitre.org/data/definitions/522.html'],
  on: 'call',
  calls: (callee) => READERS.test(callee) || KEYRING.has(callee) || /^boto3\.(?:session\.)?Session$/.test(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || file.skipped(call)) return;
    let what: string | undefined;
    if (READERS.test(callee)) {
      const path = callee.startsWith('pathlib.') && call.function.type === 'attribute' ? call.function.object : call.arguments[0]?.value;
      if (path !== undefined) what = inHome(path);
      else if (callee === 'netrc.netrc') what = '~/.netrc';
    } else if (KEYRING.has(callee)) what = "the system's keyring";
    else if (callee === 'boto3.Session' || callee === 'boto3.session.Session') {
      const profile = call.arguments.find((it) => it.keyword === 'profile_name')?.value;
      const name = constantText(profile?.value);
      if (name !== undefined) what = `the AWS profile ${name}`;
    } else if (callee === 'openstack.connect' || callee === 'openstack.connection.Connection') {
      const cloud = argument(call, 'cloud', callee === 'openstack.connect' ? 0 : undefined);
      const name = constantText(cloud?.value);
      if (name !== undefined) what = `the cloud ${name} of clouds.yaml`;
    }
    if (
      what === undefined ||
      // The tests of a library that reads the store are about that.
      file.definition(callee) !== undefined ||
      [callee, ...(BENEATH[callee.split('.')[0] ?? ''] ?? [])].some((it) => file.stubbed(it, call) !== undefined) ||
      homeIsRedirected(file, call)
    )
      return;
    yield {
      at: call.place,
      ...(file.guarded(call) || file.rejected(call) ? { kind: 'review' } : {}),
      message: `\`${what}\` holds the credentials of whoever runs the test`,
      ...fixOf(call, what, file),
    };
  },
  examples: [
    {
      name: 'a key and a profile',
      bad: py`
        import os
        from pathlib import Path
        import boto3

        def test_deploy(deploy):
            deploy(Path.home() / ".ssh/id_rsa")
            key = Path("~/.ssh/id_ed25519").expanduser().read_text()  #! ~/.ssh/id_ed25519
            with open(os.path.expanduser("~/.aws/credentials")) as stored:  #! holds the credentials
                deploy(stored, key)
            boto3.Session(profile_name="harbour")  #! the AWS profile harbour
      `,
    },
    {
      name: 'a test that could redirect HOME',
      bad: py`
        import os

        def test_config(monkeypatch, tmp_path, load):
            with open(os.path.expanduser("~/.aws/credentials")) as stored:  #! holds the credentials
                load(stored)
      `,
      fixed: py`
        import os

        def test_config(monkeypatch, tmp_path, load):
            monkeypatch.setenv("HOME", str(tmp_path))
            with open(os.path.expanduser("~/.aws/credentials")) as stored:
                load(stored)
      `,
    },
    {
      name: 'a test case with fixtures at hand',
      bad: py`
        import os
        import fixtures
        import testtools

        class TestConfig(testtools.TestCase):
            def test_config(self):
                with open(os.path.expanduser("~/.netrc")) as stored:  #! holds the credentials
                    self.load(stored)
      `,
      fixed: py`
        import os
        import fixtures
        import testtools

        class TestConfig(testtools.TestCase):
            def test_config(self):
                self.useFixture(fixtures.TempHomeDir())
                with open(os.path.expanduser("~/.netrc")) as stored:
                    self.load(stored)
      `,
    },
    {
      name: 'a variable for the home folder',
      bad: py`
        import os

        def test_config(load):
            with open(os.path.expandvars("$HOME/.netrc")) as stored:  #! ~/.netrc
                load(stored)
      `,
    },
    {
      name: 'HOME is a temporary folder',
      good: py`
        import os

        def test_config(monkeypatch, tmp_path, load):
            monkeypatch.setenv("HOME", str(tmp_path))
            with open(os.path.expanduser("~/.aws/credentials"), "w") as stored:
                load(stored)
      `,
    },
    {
      name: 'nothing makes it the home folder; a test that never runs',
      good: py`
        import os
        from pathlib import Path
        import pytest

        def test_config(load):
            with open("~/.aws/credentials") as stored:
                load(stored, Path("~/.netrc").resolve().read_text())

        @pytest.mark.skip(reason="asks for a key")
        def test_key(load):
            with open(os.path.expanduser("~/.ssh/id_rsa")) as stored:
                load(stored)
      `,
    },
    {
      name: 'other files, and a path that is data',
      good: py`
        def test_path(find, tmp_path):
            assert find() == "~/.aws/credentials"
            with open(tmp_path / ".netrc") as stored:
                find(stored)
      `,
    },
  ],
});
