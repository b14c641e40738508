import { type Assignment, ancestors, type Call, type Expression, type FunctionDefinition, type TestFile, walk } from '../model.ts';
import { isLoopback } from '../python/hosts.ts';
import { destinationAround } from '../python/tls.ts';
import { defineRule, type Finding, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'obsolete-tls',
  code: 'NET008',
  category: 'network',
  title: 'Obsolete version of TLS',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [327],
  peers: {
    bandit: ['B502', 'B503', 'B504'],
    ruff: ['S502', 'S503', 'S504'],
    semgrep: ['weak-ssl-version', 'ssl-wrap-socket-is-deprecated'],
    sonar: ['S4423'],
    codeql: ['py/insecure-protocol', 'py/insecure-default-protocol'],
    dlint: ['DUO122'],
  },
  why: 'What is sent under SSL or TLS before 1.2 can be read and changed, and code that allows it is copied into the product.',
  instead: 'Use `ssl.create_default_context()`, or `minimum_version = ssl.TLSVersion.TLSv1_2`.',
  limits: 'A version that exists only at run time is not judged. Tests that expect the version to be refused are left alone.',
  links: ['https://docs.python.org/3/library/ssl.html#ssl.TLSVersion', 'https://www.rfc-editor.org/rfc/rfc8996'],
  on: ['call', 'assignment', 'function'],
  calls: (callee) => callee === 'ssl.wrap_socket' || MAKERS.test(callee),
  keywords: (keyword) => KEYWORDS.test(keyword),
  wants: (it) =>
    it.type === 'function subject'
      ? it.node.parameters.some((each) => each.default !== undefined)
      : it.type === 'assignment'
        ? it.targets[0]?.type === 'attribute' && VERSIONS.test(it.targets[0].name)
        : true,
  *check(subject, file) {
    if (subject.type === 'function subject') {
      // `def connect(version=ssl.PROTOCOL_SSLv3)`
      for (const it of subject.node.parameters)
        if (it.default !== undefined && versionOf(it.default) !== undefined)
          yield judged(it.default, `\`${it.name}\` is \`${it.default.text}\` when nobody says otherwise`, file);
      return;
    }
    if (file.rejected(subject) || file.parametrized(subject) || file.expected(subject) || isTested(subject, file)) return;
    if (subject.type === 'assignment') {
      const [target] = subject.targets;
      if (target?.type !== 'attribute' || !VERSIONS.test(target.name) || subject.value === undefined) return;
      if (versionOf(subject.value) !== undefined) yield judged(subject.value, `\`${target.name}\` is \`${subject.value.text}\`, which is broken`, file);
      return;
    }
    const callee = subject.callee ?? '';
    if (file.stubbed(callee, subject) !== undefined) return;
    const weak = weakArgument(subject, file);
    if (weak !== undefined) yield judged(weak, `\`${subject.method}\` is given \`${weak.text}\`, which is broken`, file);
    else if (callee === 'ssl.wrap_socket' && !subject.arguments.some((it) => it.keyword === 'ssl_version' || it.unpack === '**'))
      yield { at: subject.place, kind: 'informational', message: '`wrap_socket` names no version: whatever both sides know is taken, old ones too' };
  },
  examples: [
    {
      name: 'a context that allows an old version',
      bad: py`
        import ssl

        def connect(host):
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1
            #                         ^^^^^^^^^^^^^^^^^^^^ is broken
            return context
      `,
      fixed: py`
        import ssl

        def connect(host):
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            return context
      `,
    },
    {
      name: 'pyOpenSSL, a default of a function, a socket of this machine',
      bad: py`
        import ssl
        from OpenSSL import SSL

        def connect(host):
            return ssl.SSLContext(ssl.PROTOCOL_TLSv1)  #! which is broken

        def make():
            return SSL.Context(SSL.SSLv3_METHOD)  #! which is broken

        def agree():
            return SSL.Context(SSL.SSLv23_METHOD)  #! leaves old versions open

        def dial(host, version=ssl.PROTOCOL_SSLv3):  #! when nobody says otherwise
            return ssl.wrap_socket(host, ssl_version=version)

        def test_here():
            context = ssl.SSLContext(ssl.PROTOCOL_TLSv1)  #! on this machine
            with context.wrap_socket(None, server_hostname="localhost") as wrapped:
                assert wrapped

        def test_there(host):
            assert connect(host) and make() and agree() and dial(host)
      `,
    },
    {
      name: 'a new version, a refusal, a table, an expectation',
      good: py`
        import ssl
        import pytest

        def test_new():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            assert context.minimum_version != ssl.TLSVersion.TLSv1

        def test_set(context):
            context.minimum_version = ssl.TLSVersion.TLSv1
            assert context.minimum_version == ssl.TLSVersion.TLSv1

        def test_where_it_is(has_protocol):
            if has_protocol(ssl.PROTOCOL_TLSv1_1):
                assert ssl.SSLContext(ssl.PROTOCOL_TLSv1_1)

        def test_write_tlsv1(write):
            return write(ssl_version=ssl.PROTOCOL_TLSv1)

        def test_refused():
            with pytest.raises(ssl.SSLError):
                ssl.SSLContext(ssl.PROTOCOL_SSLv3)

        class TestWrap:
            def check(self, make, ssl_version=None):
                ssl_version = ssl_version or ssl.PROTOCOL_TLS_SERVER
                make.assert_called_once_with(ssl_version)

            def test_wrap(self, make):
                self.check(make, ssl_version=ssl.PROTOCOL_TLSv1)

        @pytest.mark.parametrize("version", [ssl.PROTOCOL_TLSv1, ssl.PROTOCOL_TLSv1_1])
        def test_table(version):
            assert version
      `,
    },
  ],
});

/** Is the old version what the test is about: by its name, by a question whether it is there, by a look at what was set? */
function isTested(subject: Call | Assignment, file: TestFile): boolean {
  const owner = file.ownerOf(subject);
  if (owner === undefined) return false;
  if (/tls_?v?1|ssl_?v?[23]|obsolete|legacy/i.test(owner.name)) return true;
  for (const it of ancestors(subject)) if (it.type === 'if' && /TLSv1|SSLv[23]/.test(it.test.text)) return true;
  const target = subject.type === 'assignment' ? subject.targets[0]?.text : undefined;
  return target !== undefined && walk(owner.node).some((it) => it.type === 'attribute' && it.text === target && it.parent !== subject && file.expected(it));
}

const VERSIONS = /^(?:minimum_version|ssl_version|maximum_version)$/;
const KEYWORDS = /^(?:ssl_version|ssl_minimum_version|method|ssl_context_version)$/;
const OLD =
  /^ssl\.(?:_SSLMethod\.)?PROTOCOL_(?:SSLv2|SSLv3|TLSv1|TLSv1_1)$|^ssl\.TLSVersion\.(?:SSLv3|TLSv1|TLSv1_1)$|^OpenSSL\.SSL\.(?:SSLv2|SSLv3|SSLv23|TLSv1|TLSv1_1)_METHOD$/;
const MAKERS =
  /^(?:ssl\.(?:SSLContext|wrap_socket|get_server_certificate)|OpenSSL\.SSL\.Context|urllib3\.(?:PoolManager|util\.ssl_\.create_urllib3_context)|ldap3\.Tls|paramiko\.\w+)$/;

function versionOf(it: Expression): string | undefined {
  return it.refersTo !== undefined && OLD.test(it.refersTo) ? it.refersTo : undefined;
}

/** The argument that names an old version: of a maker, or of any call under a name that says so. */
function weakArgument(call: Call, file: TestFile): Expression | undefined {
  const made = MAKERS.test(call.callee ?? '');
  const found = call.arguments.find((it) => versionOf(it.value) !== undefined && (made || KEYWORDS.test(it.keyword ?? '')));
  const taker = found === undefined || made ? undefined : file.definition(call.callee ?? '')?.node;
  return taker !== undefined && onlyExpects(taker, found?.keyword ?? '') ? undefined : found?.value;
}

/** Does a function of the workspace do nothing with its parameter but expect it: `context.assert_called_once_with(ssl_version)`? */
function onlyExpects(taker: FunctionDefinition, parameter: string): boolean {
  const uses = walk(taker).filter((it) => it.type === 'name' && it.id === parameter && it.parent?.type === 'call' && it.parent.function !== it);
  return uses.length > 0 && uses.every((it) => it.parent?.type === 'call' && /^assert/i.test(it.parent.method));
}

function judged(at: Expression, message: string, file: TestFile): Finding {
  const around = destinationAround(at, file);
  const here = around === 'loopback' || (around !== undefined && isLoopback(around.host));
  // `TLSVersion` has a better one; the old protocol constants have none that means the same.
  const better =
    at.type === 'attribute' && at.refersTo?.startsWith('ssl.TLSVersion.') === true ? `${at.text.slice(0, at.text.lastIndexOf('.') + 1)}TLSv1_2` : undefined;
  // The name is older than what it does: both sides agree on the newest version that they know.
  const agreed = at.refersTo === 'OpenSSL.SSL.SSLv23_METHOD';
  return {
    at: at.place,
    ...(here || agreed ? { kind: 'informational' as const } : {}),
    message: agreed ? message.replace('which is broken', 'which leaves old versions open') : here ? `${message}; on this machine` : message,
    ...(better === undefined ? {} : { fix: { title: 'Use TLS 1.2', safety: 'suggest' as const, edits: [replace(at, better)] } }),
  };
}
