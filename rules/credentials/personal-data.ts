import { ancestors, constantText, type Literal, type Node, walk } from '../model.ts';
import { personalDataIn } from '../python/personal-data.ts';
import { snake } from '../python/spelling.ts';
import { defineRule, py, replace } from '../rule.ts';

/** How many make a table of people, and not one made-up person. */
const MANY = 5;

/** The test around the literal, or the statement at the top of the module that it is part of. */
function tableAround(literal: Literal): Node {
  let outer: Node = literal.node;
  for (let it: Node | undefined = literal.node; it !== undefined; it = it.parent) outer = it;
  return literal.owner?.node ?? outer;
}

/** Does the table hold so many different values? Stops counting there. */
function holdsMany(table: Node, test: string | undefined): boolean {
  const seen = new Set<string>();
  for (const it of walk(table)) {
    if (it.type !== 'string') continue;
    const found = personalDataIn(it.content, '');
    if (found !== undefined && !(found.isCard && isOfThing(it, test)) && seen.add(found.value).size >= MANY) return true;
  }
  return false;
}

/** Numbers of things, whose last digit is often made as that of cards is. */
const THING = /(?:^|_)(?:bar_?codes?|isbns?|issns?|eans?|upcs?|gtins?|skus?|serials?|tracking)(?:_|\d|$)/;
const ORDER = /(?:^|_)orders?(?:_(?:id|number|no|ref)s?)?$/;
const CARD_NAME = /(?:^|_)(?:cards?|pan|cc|credit|debit|pay|payments?)(?:_|\d|$)/;

/** Does the code name the number for what is no card, where it stands or by the test around it: `for barcode in ["…", "…"]`? */
function isOfThing(node: Node, test: string | undefined): boolean {
  const names = namesAround(node).map((it) => snake(it));
  const all = test === undefined ? names : [...names, snake(test)];
  return !all.some((it) => CARD_NAME.test(it)) && (all.some((it) => THING.test(it)) || names.some((it) => ORDER.test(it)));
}

/** What a literal is given to, from the keyword, the key or the loop around it to the target of its statement. */
function namesAround(node: Node): readonly string[] {
  const names: string[] = [];
  let inner = node;
  for (const it of ancestors(node)) {
    if (it.type === 'function' || it.type === 'class') break;
    if (it.type === 'call') {
      const given = it.arguments.find(({ value }) => value === inner);
      const column = it.method === 'parametrize' ? constantText(it.arguments[0]?.value.value) : undefined;
      names.push(given?.keyword ?? '', column ?? '');
    } else if (it.type === 'dict') {
      const key = it.entries.find(({ value }) => value === inner)?.key;
      names.push(key?.type === 'string' ? key.content : (key?.text ?? ''));
    } else if (it.type === 'comparison') names.push(...it.operands.flatMap((each) => (each === inner ? [] : each.text)));
    else if (it.type === 'assignment') names.push(...it.targets.map((each) => each.text));
    else if (it.type === 'for' && it.iterable === inner) names.push(it.target.text);
    inner = it;
  }
  return names.filter((it) => it.length < 200).flatMap((it) => it.split(/\W+/));
}

/** Made when the example is. The card number passes the check and was never issued for tests. */
const CARD = ['4929', '7126', '3845', '9016'].join('');
const IBAN = ['DE44', '5001', '0517', '5407', '3249', '31'].join('');

export const rule = defineRule({
  id: 'personal-data',
  code: 'SEC017',
  category: 'credentials',
  title: 'Personal data that looks real',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [359],
  why: 'Test data is often cut from real data; customers’ addresses and numbers then stay in the history of the repository for good.',
  instead: 'Use `example.com`, the numbers that payment services publish for tests, or Faker.',
  limits:
    'Addresses at domains that could exist, and card, IBAN, social security, national insurance and phone numbers that pass their checks, the last three only under a name that says so. Five or more numbers in one test or one table are for a person to decide, addresses always a note; values spread over a file are not added up. A number that the code names a barcode, an ISBN, a serial or an order is no card. Names and postal addresses are not looked for.',
  links: ['https://cwe.mitre.org/data/definitions/359.html', 'https://github.com/Yelp/detect-secrets/pull/340', 'https://www.rfc-editor.org/rfc/rfc2606'],
  yieldsTo: ['account-with-password', 'password-in-url', 'vendor-token'],
  once: 'file',
  atRest: true,
  on: 'literal',
  shortest: 8,
  wants: ({ content, boundTo }) => personalDataIn(content, boundTo ?? '') !== undefined,
  *check(literal, file) {
    const found = personalDataIn(literal.content, literal.boundTo ?? '');
    if (found === undefined || literal.node.type === 'fstring') return;
    if (found.isCard && isOfThing(literal.node, literal.owner?.name)) return;
    const many = holdsMany(tableAround(literal), literal.owner?.name);
    const { domain } = found;
    if (!many && file.expected(literal.node)) return;
    // Addresses are made up with ease; a number that passes its check is not.
    yield {
      at: literal.place,
      ...(many && domain === undefined ? { kind: 'review' } : {}),
      message: many
        ? `${found.what} that could be real, one of many here: is this taken from real data?`
        : `${found.what} (\`${found.shown}\`) that could be real: is it made up?`,
      ...(domain === undefined
        ? {}
        : {
            fix: {
              title: 'Use the domain `example.com`',
              safety: 'suggest',
              edits: [replace(literal, literal.node.text.replaceAll(`@${domain}`, '@example.com'))],
            },
          }),
    };
  },
  examples: [
    {
      name: 'an address',
      bad: py`
        def test_mail(send):
            send(to="k.lindqvist@harbour-shipping.com")  #! an e-mail address (${'`k…@harbour-shipping.com`'})
      `,
      fixed: py`
        def test_mail(send):
            send(to="k.lindqvist@example.com")
      `,
    },
    {
      name: 'a card number',
      bad: py`
        def test_pay(pay):
            pay(card="${CARD}")  #! a valid card number
      `,
    },
    {
      name: 'a bank account',
      bad: py`
        def test_pay(pay):
            pay(account="${IBAN}")  #! a valid IBAN
      `,
    },
    {
      name: 'a table of people',
      bad: py`
        PEOPLE = [
            ("k.lindqvist@harbour-shipping.com", 1),  #! one of many here: is this taken from real data?; 5 times, also lines 3, 4, 5, 6
            ("o.marchetti@portside-freight.com", 2),
            ("t.okonkwo@harbour-shipping.com", 3),
            ("h.vasquez@portside-freight.com", 4),
            ("r.tamm@harbour-shipping.com", 5),
        ]
      `,
    },
    {
      name: 'reserved domains, published numbers, roles, SSH algorithms, names with a version',
      good: py`
        def test_pay(pay):
            pay(card="4242424242424242", mail="k.lindqvist@example.com")
            pay(card="4111 1111 1111 1111", mail="support@harbour-shipping.com")
            pay(ssn="078-05-1120", phone="+1 202 555 0143")
            pay(algorithm="chacha20-poly1305@openssh.com", remote="git@harbour-shipping.com:x/y.git")
            pay(addons=["k.lindqvist@harbour-shipping.com:1.2", "o.marchetti@portside-freight.com:2.0.1"])
            pay(number="4929712638459015")
      `,
    },
    {
      name: 'numbers of things',
      good: py`
        import pytest

        def test_crates(store):
            for barcode in ["${CARD}", "1234"]:
                store(barcode)

        def test_missing_barcodes(store):
            store(["${CARD}"])

        @pytest.mark.parametrize("serial, weight", [("${CARD}", 1)])
        def test_weight(weigh, serial, weight):
            assert weigh(serial) == weight

        def test_order(book):
            assert book(order_number="${CARD}")
      `,
    },
  ],
});
