import type { Literal } from '../model.ts';
import { identifierForm, isCredentialName, isDigestName } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'public-identifier',
  code: 'SEC-S11',
  category: 'credentials',
  title: 'Random-looking literals are identifiers',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'UUIDs and digests look like secrets to a scanner and to a hurried reader, but they name things and open nothing.',
  limits:
    'A system that takes a UUID for a password is not known to this rule. Without dashes a digest or a key may look the same: then the name must say that it is an identifier; under the name of a credential a digest is not counted.',
  links: ['https://www.rfc-editor.org/rfc/rfc9562'],
  once: 'file',
  on: 'literal',
  shortest: 32,
  wants: ({ content }) => identifierForm(content) !== undefined,
  *check(literal) {
    if (isOfUser(literal)) return;
    const { content, boundTo } = literal;
    const form = identifierForm(content);
    if (form === undefined) return;
    const credential = boundTo !== undefined && isCredentialName(boundTo);
    if (form === 'UUID') {
      if (!credential && (content.includes('-') || (boundTo !== undefined && NAMES_SOMETHING.test(boundTo))))
        yield { at: literal.place, message: `\`${content.slice(0, content[8] === '-' ? 9 : 8)}…\` is a UUID: it names something and is no secret` };
    } else if (boundTo !== undefined && isDigestName(boundTo)) {
      yield { at: literal.place, message: `\`${boundTo}\` has the form of ${form.startsWith('M') ? 'an' : 'a'} ${form}: a digest, not a secret` };
    }
  },
  examples: [
    {
      name: 'a UUID and a digest',
      bad: py`
        def test_boot(api):
            api.boot(image="155d900f-4e14-4e4c-a73d-069cbf4541e6")  #! is a UUID
      `,
    },
    {
      name: 'without dashes, by its name',
      bad: py`
        def test_boot(api):
            api.boot(project_id="155d900f4e144e4ca73d069cbf4541e6")  #! is a UUID
      `,
    },
    {
      name: 'a digest by its name',
      bad: py`
        CHECKSUM = "9e107d9d372bb6826bd81d3542a419d6"
        #          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ form of an MD5 hash
      `,
    },
    {
      name: 'nearly a UUID, and hexadecimal that may be a key',
      good: py`
        IMAGE = "155d900f-4e14-4e4c-a73d-069cbf4541"
        BODY_VERSION = "155d900f4e144e4ca73d069cbf4541e6"
        KEY = "9e107d9d372bb6826bd81d3542a419d6"

        def test_address(parse):
            url = "http://{}:{}@{}:9000/".format("E8A3BE87-9E3F-4620-8858-95478E385B5B", "EA770032-DA4D-4D84-8CE9-29C6D910BF1E", "harbour")
            assert parse(url).text == url
      `,
    },
  ],
});

/** `"http://{}:{}@{}/".format(…)`, `"https://%s@%s" % (…)`: it may be put where an address has a user and a password. */
function isOfUser({ node }: Literal): boolean {
  const around = node.parent?.type === 'tuple' ? node.parent.parent : node.parent;
  const called = around?.type === 'call' && around.method === 'format' && around.function.type === 'attribute' ? around.function.object : undefined;
  const template = called ?? (around?.type === 'operation' && around.operator === '%' ? around.left : undefined);
  return template?.type === 'string' && /:\/\/[^\s/@]{0,80}[{%][^\s/@]{0,80}@/.test(template.content);
}

/** `project_id`, `imageUUID`, `ids` */
const NAMES_SOMETHING = /(?:^|_)(?:uu|UU)?(?:id|ID)s?$|[a-z0-9](?:Id|ID|Uuid|UUID)s?$/;
