import { argument, type Call, constantText, type FunctionDefinition, type Node, statementOf, walk } from '../model.ts';
import { injected } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'patches-out-of-order',
  code: 'MCK017',
  category: 'mocking',
  title: 'Patch decorators and parameters out of order',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [628],
  why: 'The lowest decorator gives the first parameter. Where the names say otherwise the test configures and verifies the wrong mock.',
  instead: 'Order the parameters from the lowest decorator up.',
  limits:
    'Only names that equal the last part of their targets are compared. Where the test uses neither of the two, only hands them on, or does and asserts the same with both, it is a note.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#nesting-patch-decorators'],
  on: 'function',
  wants: ({ role, decorators }) => role === 'test' && decorators.length > 1,
  *check(subject) {
    if (subject.role !== 'test') return; // a helper may be given more by its callers
    const pairs = injected(subject.node);
    if (pairs.length < 2 || pairs.some((it) => it.parameter === undefined)) return;
    const targets = pairs.map((it) => words(lastSegment(it.call)));
    const names = pairs.map((it) => words(it.parameter ?? ''));
    const wrong = names.flatMap((name, index) => {
      if (name === '' || name === targets[index]) return [];
      const other = targets.indexOf(name);
      return other >= 0 && targets.lastIndexOf(name) === other ? [{ index, other }] : [];
    });
    // Two parameters that have each other's mock.
    const swapped = wrong.find((it) => wrong.some((each) => each.index === it.other && each.other === it.index));
    if (swapped === undefined) return;
    const parameter = subject.node.parameters.find((it) => it.name === pairs[swapped.index]?.parameter);
    const pair = pairs[swapped.index];
    if (parameter === undefined || pair === undefined) return;
    const used = tellApart(subject.node, parameter.name, pairs[swapped.other]?.parameter ?? '');
    yield {
      at: parameter.place,
      ...(used ? {} : { kind: 'informational' as const }),
      message: `\`${parameter.name}\` is given the mock of \`${lastSegment(pair.call)}\`: decorators apply from the lowest up`,
      trail: [{ at: pair.call.place, note: 'gives this parameter' }],
    };
  },
  examples: [
    {
      name: 'parameters in the order of reading',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_transfer(mock_send, mock_record):
        #                 ^^^^^^^^^ is given the mock of
            mock_send.assert_not_called()
      `,
    },
    {
      name: 'neither is used',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_transfer(mock_send, mock_record):  #! is given the mock of
            assert transfer(10)
      `,
    },
    {
      name: 'both are only handed on; asserted of what they were given',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_made(send, record):  #! is given the mock of
            assert Transfer(10, send, recorder=record).amount == 10

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_kept(send, record):  #! is given the mock of
            transfer(10, send, record)
            keep.assert_called_with(record)
      `,
    },
    {
      name: 'both are used alike; one is configured',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_alike(send, record):  #! is given the mock of
            transfer(10)
            assert send.called
            assert record.called
            record.close.assert_called_once_with(10)
            send.close.assert_called_once_with(10)

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_otherwise(send, record):  #! is given the mock of
            send.return_value = 10
            transfer(10)
            assert send.called
            assert record.called
      `,
    },
    {
      name: 'from the lowest up, or named otherwise',
      good: py`
        from unittest import mock

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_transfer(mock_record, mock_send):
            mock_send.assert_not_called()

        @mock.patch("bank.client.send")
        @mock.patch("bank.audit.record")
        def test_other(first, second):
            first.assert_not_called()
      `,
    },
  ],
});

/** Is anything done or asserted with one of the two mocks that is not with the other: would it matter which is which? */
function tellApart(node: FunctionDefinition, one: string, other: string): boolean {
  const uses = node.body.flatMap((it) => walk(it)).filter((it) => it.type === 'name' && (it.id === one || it.id === other) && !isHandedOn(it));
  const said = (name: string) =>
    uses
      .filter((it) => it.text === name)
      .map((it) => (statementOf(it)?.text ?? '').replace(new RegExp(`\\b${name}\\b`, 'g'), ''))
      .sort()
      .join('\n');
  return said(one) !== said(other);
}

/** `Ship(send, record)`: one mock is as good as another, unless an assertion is given it. */
function isHandedOn({ parent, text }: Node): boolean {
  return parent?.type === 'call' && parent.function.text !== text && !/^assert/.test(parent.method);
}

function lastSegment(call: Call): string {
  const text = call.method === 'object' ? constantText(argument(call, 'attribute', 1)?.value) : constantText(argument(call, 'target', 0)?.value);
  return text?.split('.').at(-1) ?? '';
}

/** A name without the words that only say "mock". */
function words(name: string): string {
  return name
    .toLowerCase()
    .replace(/^_+/, '')
    .replace(/^(?:mock|m|fake|patched)_|_(?:mock|m|fake|patch)$/g, '')
    .replaceAll('_', '');
}
