import { ancestors, argument, type Call, constantText, type Expression, type TestFile, walk } from '../model.ts';
import { innermostFunction } from '../python/failures.ts';
import { CLIENT_MAKERS, NETWORK_SINKS } from '../python/network.ts';
import { switchedOffByAssignment } from '../python/tls.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'certificate-checked',
  code: 'NET-S08',
  category: 'network',
  title: 'Certificate of the test server is checked',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The test trusts one authority by name, so that an impostor is noticed, as in the product.',
  limits: 'Says which authority is trusted, not that the server shows its certificate. A function inside a test that the test only hands on may never run.',
  links: ['https://trustme.readthedocs.io/', 'https://docs.python.org/3/library/ssl.html#ssl.create_default_context'],
  once: 'file',
  on: 'call',
  calls: (callee) => TRUSTED.test(callee) || callee === 'ssl.create_default_context' || NETWORK_SINKS.has(callee) || CLIENT_MAKERS.has(callee),
  *check(call, file) {
    const how = trust(call);
    if (how !== undefined && !file.expected(call) && !failsOnFile(call, file) && !isNeverCalled(call, file) && !isSwitchedOff(call, file))
      yield { at: call.place, message: how };
  },
  examples: [
    {
      name: 'an authority of the test',
      bad: py`
        import trustme

        def test_tides(server):
            ca = trustme.CA()
            ca.configure_trust(server.context)  #! be trusted by name
      `,
    },
    {
      name: 'an authority that a fixture makes, and its certificate as a file',
      bad: py`
        import pytest
        import trustme

        @pytest.fixture
        def authority():
            return trustme.CA()

        @pytest.fixture
        def authority_file(authority):
            with authority.cert_pem.tempfile() as path:  #! be trusted by name
                yield path
      `,
    },
    {
      name: 'a file of the authority, for a request and a context',
      bad: py`
        import ssl
        import requests

        def test_tides(ca_file):
            assert requests.get("https://localhost:8443", verify="tests/ca.pem", timeout=5).ok  #! is checked against
      `,
    },
    {
      name: 'a context',
      bad: py`
        import ssl

        def test_tides(ca_file):
            context = ssl.create_default_context(cafile="tests/ca.pem")  #! trusts
            context.check_hostname = False
            assert context
      `,
    },
    {
      name: 'nothing said, switched off, an authority that nobody trusts, a comment',
      good: py`
        import ssl
        import pytest
        import requests
        import trustme

        def test_tides():
            # requests.get("https://localhost:8443", verify="tests/ca.pem")
            assert requests.get("https://localhost:8443", timeout=5).ok
            assert requests.get("https://localhost:8443", timeout=5, verify=True).ok
            assert ssl.create_default_context()

        def test_switched_off(connect):
            context = ssl.create_default_context(cafile="tests/ca.pem")
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            assert connect("localhost", context)

        def test_no_such_file():
            with pytest.raises(IOError):
                requests.get("https://localhost:8443", verify="/nowhere", timeout=5)

        def test_factory(configure):
            def factory():
                return requests.Session().get("https://localhost:8443", verify="tests/ca.pem", timeout=5)
            assert configure(factory).factory is factory

        def test_certificate_of_the_client(send):
            certificate = trustme.CA().issue_cert("harbour.test")
            assert send(certificate.cert_chain_pems[0].bytes(), verify=False)
      `,
    },
  ],
});

/** What makes an authority trusted, or its certificate a file that is trusted. Source: trustme 1.2. */
const TRUSTED = /^trustme\.CA\(\)\.(?:configure_trust|cert_pem\.(?:tempfile|write_to_path))$/;

function trust(call: Call): string | undefined {
  const callee = call.callee ?? '';
  if (TRUSTED.test(callee)) return `\`${short(call.text)}\` lets the test's own authority be trusted by name`;
  if (callee === 'ssl.create_default_context') {
    const given = argument(call, 'cafile', 1) ?? argument(call, 'cadata') ?? argument(call, 'capath', 2);
    return given === undefined || given.text === 'None' ? undefined : `\`create_default_context\` trusts \`${short(given.text)}\``;
  }
  if (!NETWORK_SINKS.has(callee) && !CLIENT_MAKERS.has(callee)) return undefined;
  const verify = argument(call, 'verify');
  const path = constantText(verify?.value);
  return path === undefined || path === '' ? undefined : `the server's certificate is checked against \`${short(path)}\``;
}

/** Under `raises(OSError)`, with no such file in the workspace: nothing may be sent. */
function failsOnFile(call: Call, file: TestFile): boolean {
  const path = argument(call, 'verify') ?? argument(call, 'cafile', 1);
  if (path !== undefined && typeof file.dataFile(path) !== 'string') return false;
  return [...ancestors(call)].some(
    (it) =>
      it.type === 'with' &&
      it.items.some(({ context }) => context.type === 'call' && context.arguments.some(({ value }) => FILE_ERRORS.test(value.refersTo ?? ''))),
  );
}

const FILE_ERRORS = /^builtins\.(?:OSError|IOError|EnvironmentError|FileNotFoundError)$/;

/** Does the function switch off what it has just made, `context.verify_mode = CERT_NONE`? Without `check_hostname` the authority still counts. */
function isSwitchedOff({ parent }: Call, file: TestFile): boolean {
  const owner = parent?.type === 'assignment' ? file.ownerOf(parent) : undefined;
  if (parent?.type !== 'assignment' || owner === undefined) return false;
  const isOf = (it: Expression | undefined) =>
    it?.type === 'attribute' && it.name === 'verify_mode' && parent.targets.some((each) => each.text === it.object.text);
  return walk(owner.node).some((it) => it.type === 'assignment' && isOf(it.targets[0]) && switchedOffByAssignment(it) !== undefined);
}

/** In a function of the test that the test itself does not call. */
function isNeverCalled(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  const inner = innermostFunction(call);
  if (owner?.role !== 'test' || inner?.type !== 'function' || inner === owner.node) return false;
  return !walk(owner.node).some((it) => it.type === 'call' && it.function.type === 'name' && it.method === inner.name);
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
