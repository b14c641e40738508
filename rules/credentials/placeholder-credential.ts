import { isCredentialName, saysPlaceholder } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** As much of it as shows that it is a placeholder. */
function shortened(text: string): string {
  const plain = text.replace(/[\s`]+/g, ' ');
  return plain.length <= 32 ? plain : `${plain.slice(0, 24)}…`;
}

export const rule = defineRule({
  id: 'placeholder-credential',
  code: 'SEC-S03',
  category: 'credentials',
  title: 'Credentials are placeholders',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A password that says it is none can be read by everybody and misleads no scanner.',
  limits: 'Speaks of the literals it cites, not of those it does not see: values from variables, files and the environment.',
  links: ['https://cwe.mitre.org/data/definitions/798.html'],
  once: 'file',
  on: 'literal',
  literals: isCredentialName,
  shortest: 2,
  *check(literal) {
    const { boundTo, content } = literal;
    if (boundTo === undefined || content.length < 2 || content.length > 80 || literal.node.type === 'fstring') return;
    // `token == 'password'` in a parser: another kind of token.
    if (literal.node.parent?.type === 'comparison') return;
    // `{'secret': ['password']}`: the names of what is kept secret.
    if (/^(?:list|set)$/.test(literal.node.parent?.type ?? '') && isCredentialName(content)) return;
    if (!isCredentialName(boundTo) || !saysPlaceholder(content) || /[%{}<>$^\\]/.test(content)) return;
    yield { at: literal.place, message: `\`${boundTo}\` is \`${shortened(content)}\`: an obvious placeholder, not a credential` };
  },
  examples: [
    {
      name: 'a placeholder',
      bad: py`
        def test_login(client):
            client.login(user="harbour", password="not-a-real-password")  #! an obvious placeholder
      `,
    },
    {
      name: 'no credential in sight',
      good: py`
        def test_login(client):
            client.login(user="harbour", host="localhost", progressToken="token-1")
            client.info["secret"] = ["password", "api_key"]
      `,
    },
    {
      name: 'digits at random, which may be those of a live token',
      good: py`
        CONTEXT = {"auth_token": "3d8b13de1b7d499587dfc69b77dc09c2", "is_admin": True}
      `,
    },
    {
      name: 'a word that is looked for',
      good: py`
        def read(token):
            if token == "password":
                return skip()
      `,
    },
    {
      name: 'a placeholder in a comment proves nothing',
      good: py`
        def test_login(client, secret):
            # password="not-a-real-password"
            client.login(user="harbour", password=secret)
      `,
    },
  ],
});
