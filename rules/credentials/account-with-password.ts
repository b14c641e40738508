import type { Expression, Literal, TestFile } from '../model.ts';
import { hostKind } from '../python/host-names.ts';
import { isCredentialName, isPlaceholder } from '../python/secrets.ts';
import { defineRule, py, replace } from '../rule.ts';

const EMAIL = /^[\w.+-]{1,64}@((?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24})$/i;

/** The other literals of the same call, mapping or tuple. */
function neighbours(literal: Literal): Expression[] {
  const { parent } = literal.node;
  if (parent === undefined) return [];
  if (parent.type === 'call') return parent.arguments.map((it) => it.value);
  if (parent.type === 'dict') return parent.entries.map((it) => it.value);
  return parent.type === 'tuple' || parent.type === 'list' ? [...parent.items] : [];
}

function domainOf(it: Expression): string | undefined {
  const domain = it.type === 'string' ? EMAIL.exec(it.content)?.[1] : undefined;
  return domain !== undefined && hostKind(domain) === 'public' ? domain : undefined;
}

function isQuiet(literal: Literal, file: TestFile): boolean {
  return file.expected(literal.node) || file.rejected(literal.node);
}

export const rule = defineRule({
  id: 'account-with-password',
  code: 'SEC010',
  category: 'credentials',
  title: 'Account at a public domain together with its password',
  kind: 'review',
  confidence: 'medium',
  cwe: [798],
  peers: { 'detect-secrets': ['KeywordDetector'] },
  why: 'An address at a domain that exists, next to a password that is no placeholder, is what a real login looks like.',
  instead: 'Use an address at `example.com` and a password that says what it is.',
  limits: 'Only an e-mail address counts as an account, and only in the same call, mapping or tuple.',
  links: ['https://www.rfc-editor.org/rfc/rfc2606'],
  yieldsTo: ['random-secret'],
  on: 'literal',
  literals: isCredentialName,
  shortest: 6,
  *check(literal, file) {
    const { boundTo, content } = literal;
    if (boundTo === undefined || content.length < 6 || !isCredentialName(boundTo) || isPlaceholder(content) || isQuiet(literal, file)) return;
    const account = neighbours(literal).find((it) => domainOf(it) !== undefined);
    const domain = account === undefined ? undefined : domainOf(account);
    if (account === undefined || domain === undefined) return;
    yield {
      at: literal.place,
      message: `a password next to an account at \`${domain}\`: does this login exist?`,
      fix: { title: 'Use an account at `example.com`', safety: 'suggest', edits: [replace(account, account.text.replace(`@${domain}`, '@example.com'))] },
    };
  },
  examples: [
    {
      name: 'a login',
      bad: py`
        def test_login(client):
            client.login(user="k.lindqvist@harbour-shipping.com", password="Vq81zKdW3m")  #! an account at ${'`harbour-shipping.com`'}
      `,
      fixed: py`
        def test_login(client):
            client.login(user="k.lindqvist@example.com", password="Vq81zKdW3m")
      `,
    },
    {
      name: 'a reserved domain, a placeholder',
      good: py`
        def test_login(client):
            client.login(user="k.lindqvist@example.com", password="Vq81zKdW3m")
            client.login(user="k.lindqvist@harbour-shipping.com", password="not-the-password")
      `,
    },
    {
      name: 'a login that is refused',
      good: py`
        def test_login_is_refused(client):
            client.login(user="k.lindqvist@harbour-shipping.com", password="Vq81zKdW3m")
      `,
    },
  ],
});
