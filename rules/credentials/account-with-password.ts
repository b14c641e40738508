import { ancestors, type Call, constantText, type Expression, type Literal, type Node, type TestFile, walk } from '../model.ts';
import { isRequest } from '../python/api.ts';
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

/** `access_token="access_123"`: a token that is called by its own name and counted. */
function isItsName(content: string, boundTo: string): boolean {
  const [, said] = /^([a-z_-]{3,40}?)[_-]?\d{1,6}$/i.exec(content) ?? [];
  if (said === undefined || !/token$/i.test(boundTo)) return false;
  const words = boundTo.toLowerCase().split(/[_-]/);
  return said
    .toLowerCase()
    .split(/[_-]/)
    .every((it) => it === '' || words.includes(it));
}

export const rule = defineRule({
  id: 'account-with-password',
  code: 'SEC010',
  category: 'credentials',
  title: 'Account at a public domain together with its password',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [798],
  peers: { 'detect-secrets': ['KeywordDetector'] },
  why: 'An address at a domain that exists, next to a password that is no placeholder, is what a real login looks like.',
  instead: 'Use an address at `example.com` and a password that says what it is.',
  limits:
    'Only an e-mail address counts as an account, and only in the same call, mapping or tuple. What a test signs up with at the application in its own process, under names as `user` and `string`, is a note, and so is a row of its database.',
  links: ['https://www.rfc-editor.org/rfc/rfc2606'],
  yieldsTo: ['random-secret'],
  atRest: true,
  on: 'literal',
  literals: isCredentialName,
  shortest: 6,
  *check(literal, file) {
    const { boundTo, content } = literal;
    if (
      boundTo === undefined ||
      content.length < 6 ||
      !isCredentialName(boundTo) ||
      isPlaceholder(content) ||
      isItsName(content, boundTo) ||
      isQuiet(literal, file)
    )
      return;
    const account = neighbours(literal).find((it) => domainOf(it) !== undefined);
    const domain = account === undefined ? undefined : domainOf(account);
    if (account === undefined || domain === undefined) return;
    yield {
      at: literal.place,
      ...((isMadeUp(account, literal) && signsUp(literal)) || isRow(literal) ? { kind: 'informational' } : {}),
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
      name: 'a sign-up under a made-up name is a note, one under the name of a person is not',
      bad: py`
        def test_sign_up(client):
            account = {"email": "user@harbour-shipping.com", "first_name": "string", "password": "Vq81zKdW3m"}  #! does this login exist?
            assert client.post("/auth/register", json=account).status_code == 201

        def test_sign_up_of_a_person(client):
            account = {"email": "lindqvist@harbour-shipping.com", "first_name": "string", "password": "Vq81zKdW3m"}  #! does this login exist?
            assert client.post("/auth/register", json=account).status_code == 201

        def test_login(client):
            account = {"email": "user@harbour-shipping.com", "first_name": "string", "password": "Vq81zKdW3m"}  #! does this login exist?
            assert client.post("/auth/login", json=account).status_code == 200
      `,
    },
    {
      name: 'a row of the application is a note, what is only beside one is not',
      bad: py`
        class TestMembers:
            def test_list(self):
                Member.objects.create_user(email="lindqvist@harbour-shipping.com", password="Vq81zKdW3m")  #! does this login exist?

            def test_upload(self):
                members = {"user/4": {"email": "lindqvist@harbour-shipping.com", "default_password": "Vq81zKdW3m"}}  #! does this login exist?
                self.set_models({"committee/1": {"name": "berths"}, **members})

            def test_login(self):
                account = {"email": "lindqvist@harbour-shipping.com", "password": "Vq81zKdW3m"}  #! does this login exist?
                self.set_models({"committee/1": {"name": "berths"}})
                self.client.login(account)
      `,
    },
    {
      name: 'a reserved domain, a placeholder',
      good: py`
        def test_login(client):
            client.login(user="k.lindqvist@example.com", password="Vq81zKdW3m")
            client.login(user="k.lindqvist@harbour-shipping.com", password="not-the-password")
            client.link(user="k.lindqvist@harbour-shipping.com", access_token="access_123")
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

/** Words for whoever it may be. */
const ANYBODY =
  /^(?:(?:test|new|my|some|a|the|first|last|sur|full|user)?[ ._+-]?(?:users?|test|tester|string|example|name|e?mail|account|person|foo|bar|dummy|sample|demo)\d*|john|jane|doe)$/i;
const NAMES = /name$/i;
const SIGNS_UP = /^\/(?!\/).*(?:regist(?:er|ration)|sign[_-]?up)/i;

/** Is the account nobody's, by its address and by every name that stands beside it? */
function isMadeUp(account: Expression, { node }: Literal): boolean {
  const address = constantText(account.value) ?? '';
  const named =
    node.parent?.type === 'dict'
      ? node.parent.entries.flatMap(({ key, value }) => (key?.type === 'string' && NAMES.test(key.content) ? [value] : []))
      : node.parent?.type === 'call'
        ? node.parent.arguments.flatMap(({ keyword, value }) => (keyword !== undefined && NAMES.test(keyword) ? [value] : []))
        : [];
  return ANYBODY.test(address.slice(0, address.indexOf('@'))) && named.every((it) => it === account || ANYBODY.test(constantText(it.value) ?? ''));
}

/** Is it the body of a request that signs up, through a client of the application itself: `client.post("/auth/register", json=account)`? */
function signsUp({ node, owner }: Literal): boolean {
  const body = node.parent;
  if (body === undefined || owner === undefined) return false;
  const held = holderOf(body);
  return walk(owner.node).some(
    (it) => it.type === 'call' && isSignUp(it) && it.arguments.some(({ value }) => value === body || (held !== undefined && value.text === held)),
  );
}

/** The name that is given it. */
function holderOf({ parent }: Node): string | undefined {
  return parent?.type === 'assignment' ? parent.targets[0]?.text : undefined;
}

/** Makes rows of the application's own database, as Django and OpenSlides name it: `Member.objects.create_user(…)`, `self.set_models({"user/4": {…}})`. */
const MAKES_ROWS = /\.objects\.a?(?:create(?:_user|_superuser)?|get_or_create|update_or_create|bulk_create)$|\.set_models$/;

/** Does it end in a row, with the records around it, or by their name? */
function isRow({ node, owner }: Literal): boolean {
  let record: Node = node;
  while (record.parent !== undefined && /^(?:dict|list|tuple)$/.test(record.parent.type)) record = record.parent;
  const makes = (it: Node | undefined) => it?.type === 'call' && MAKES_ROWS.test(it.function.text);
  if (makes(record.parent)) return true;
  const held = holderOf(record);
  if (held === undefined || owner === undefined) return false;
  return walk(owner.node).some((it) => it.type === 'name' && it.id === held && [...ancestors(it)].some(makes));
}

function isSignUp(call: Call): boolean {
  const path = call.arguments[0]?.value;
  return isRequest(call) && path !== undefined && SIGNS_UP.test(constantText(path.value) ?? '');
}
