import { type Patch, type TestFile, walk } from '../model.ts';
import { vendorOf } from '../python/cloud.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'client-made-elsewhere',
  code: 'NET-U04',
  category: 'network',
  title: 'Whether the code under test takes the stubbed client is not known',
  kind: 'open',
  confidence: 'medium',
  cwe: [923],
  why: 'A module that has imported the maker by name, or has made its client before, still speaks to the vendor.',
  instead: 'Replace the name where the code under test looks it up, or open the folder that holds it.',
  limits:
    'Speaks of tests that call something of a package that is neither in the workspace nor one that the project installs. Says nothing where a module that the file imports, or what is replaced, can be read; another rule judges the target there.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#where-to-patch'],
  once: 'file',
  on: 'patch',
  patches: (target) => patchedVendor(target) !== undefined,
  *check(patch, file) {
    const vendor = patchedVendor(patch.target);
    if (vendor === undefined || patch.target === undefined || patch.applied === 'unused' || file.importedBy(patch.target) !== undefined) return;
    if (file.exists(patch.target) === 'yes' || file.importsWorkspace || file.kind === 'conftest' || makesClient(patch.owner?.node.text ?? '')) return;
    if (!callsOutside(patch, file)) return;
    yield { at: patch.place, message: `\`${patch.target}\` is replaced; whether the code under test makes its client of ${vendor} through it was not found` };
  },
  examples: [
    {
      name: 'the maker is replaced where it is defined',
      bad: py`
        from unittest import mock
        from harbour import charts

        @mock.patch("boto3.client")  #! makes its client of AWS through it
        def test_upload(client):
            charts.upload("bay")
            client.assert_called_once_with("s3")
      `,
    },
    {
      name: 'where it is used, or the test makes the client itself',
      good: py`
        from unittest import mock
        import boto3
        from django.core.management import call_command
        from harbour import charts

        @mock.patch("harbour.charts.make_client")
        def test_upload(make_client):
            charts.upload("bay")

        @mock.patch("boto3.client")
        def test_command(client):
            call_command("upload", "bay")

        @mock.patch("boto3.client")
        def test_own(client):
            assert boto3.client("s3") is client.return_value
      `,
    },
  ],
});

function patchedVendor(target: string | undefined): string | undefined {
  return vendorOf(target?.replace(/\.\w+\.(boto3)\./, '$1.'));
}

/** The test makes the client itself. */
function makesClient(around: string): boolean {
  return /\bboto3\.(?:client|resource|Session)\(|\bopenstack\.connect\(/.test(around);
}

/** Does the test call what is imported of a package that is not there? */
function callsOutside({ owner, target }: Patch, file: TestFile): boolean {
  const isOutside = (callee: string) => {
    const root = callee.split('.', 1)[0] ?? '';
    if (!/^\w+\.\w/.test(callee) || STANDARD_LIBRARY.has(root) || /^(?:builtins|pytest|django)$/.test(root) || target?.startsWith(`${root}.`) === true)
      return false;
    return file.imports(root) && file.exists(callee) === 'unknown' && file.exists(root) !== 'yes' && !file.project.requires(root);
  };
  return owner !== undefined && walk(owner.node).some((it) => it.type === 'call' && it.callee !== undefined && isOutside(it.callee));
}
