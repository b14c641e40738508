/** The walls of the house that compilers and linters do not hold. See ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../rules/index.ts';
import { CATEGORIES } from '../rules/rule.ts';
import { ROOT } from './harness.ts';

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((it) => {
    const path = join(folder, it);
    if (statSync(join(ROOT, path)).isDirectory()) return sources(path);
    return /\.ts$/.test(it) ? [path] : [];
  });
}

const FILES = ['client', 'server', 'rules'].flatMap(sources);
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const importsOf = (path: string) => [...text(path).matchAll(/(?:from|import) '([^']+)'/g)].map((it) => it[1] ?? '');
const resolved = (path: string) =>
  importsOf(path)
    .filter((it) => it.startsWith('.'))
    .map((it) => normalize(join(dirname(path), it)));

/** May a file of the first room import one of the second? */
const ARROWS: readonly (readonly [RegExp, RegExp])[] = [
  [/^rules\//, /^rules\//],
  [/^server\/syntax\//, /^server\/syntax\//],
  [/^server\/model\//, /^(?:rules|server\/syntax|server\/model)\//],
  [/^server\/review\//, /^(?:rules|server\/syntax|server\/model|server\/review)\//],
  [/^server\/views\//, /^(?:rules|server\/review|server\/views)\//],
  [/^server\/[^/]+$/, /^(?:rules|server)\//],
  [/^client\//, /^(?:client\/|server\/protocol\.ts$)/],
];

test('imports go the way the arrows point', () => {
  for (const path of FILES) {
    const allowed = ARROWS.find(([from]) => from.test(path))?.[1];
    assert.ok(allowed !== undefined, `${path} stands in no room`);
    for (const target of resolved(path)) assert.match(target, allowed, `${path} imports ${target}`);
  }
});

test('views know nothing of rules but what a rule is', () => {
  for (const path of FILES.filter((it) => it.startsWith('server/views/'))) {
    for (const target of resolved(path).filter((it) => it.startsWith('rules/')))
      assert.match(target, /^rules\/(?:rule|model)\.ts$/, `${path} imports ${target}`);
  }
});

test('the pipeline knows no outside library but parsers (Python, TOML), a hash and plain LSP types', () => {
  for (const path of FILES.filter((it) => /^(?:rules|server\/(?:syntax|model|review|views))\//.test(it))) {
    for (const it of importsOf(path).filter((name) => !name.startsWith('.'))) {
      const allowed =
        (path.startsWith('server/syntax/') && it === 'web-tree-sitter') ||
        (path === 'server/model/project-files.ts' && it === 'toml-eslint-parser') ||
        (path === 'server/review/fingerprint.ts' && it.startsWith('@noble/hashes/')) ||
        (path.startsWith('server/views/') && (it === 'vscode-languageserver-types' || it === 'picocolors/types'));
      assert.ok(allowed, `${path} imports ${it}`);
    }
  }
});

test('only lower.ts knows the names of the grammar', () => {
  for (const path of FILES.filter((it) => it.startsWith('server/') && it !== 'server/syntax/lower.ts')) {
    assert.doesNotMatch(
      text(path),
      /'(?:function_definition|class_definition|argument_list|keyword_argument|expression_statement|decorated_definition)'/,
      path,
    );
  }
});

test('nothing is called utils, helpers or common', () => {
  for (const path of FILES) assert.doesNotMatch(path, /(?:^|\/)(?:utils?|helpers?|common|misc|managers?)(?:\/|\.ts$)/);
});

test('a rule is where its id and category say, and codes are unique', () => {
  const codes = new Set<string>();
  for (const path of FILES.filter((it) => /^rules\/[^/]+\/[^/]+\.ts$/.test(it) && !it.startsWith('rules/python/'))) {
    const [, category, file] = path.split('/');
    assert.ok(
      CATEGORIES.some((it) => it.id === category),
      `${path}: no such category`,
    );
    const rule = RULES.find((it) => it.category === category && `${it.id}.ts` === file);
    assert.ok(rule !== undefined, `${path}: id or category differ from the file's place`);
    assert.match(rule.code, /^[A-Z]{3}(?:\d{3}|-[SUN]\d{2})$/, path);
    assert.ok(!codes.has(rule.code), `${path}: the code ${rule.code} is taken`);
    codes.add(rule.code);
    for (const field of [rule.title, rule.why, rule.instead ?? 'nothing else', rule.limits]) assert.ok(field.trim().length > 0, `${path}: an empty text`);
    assert.ok(rule.instead !== undefined || rule.kind === 'pass', `${path}: what to write instead is missing`);
  }
  for (const rule of RULES) {
    for (const winner of rule.yieldsTo ?? [])
      assert.ok(
        RULES.some((it) => it.id === winner),
        `${rule.id} yields to ${winner}, which does not exist`,
      );
  }
});

test('no file imports itself around a corner', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'done') return;
    assert.notEqual(state.get(path), 'open', `a cycle: ${[...trail, path].map((it) => relative('.', it)).join(' → ')}`);
    state.set(path, 'open');
    const runtime = [...text(path).matchAll(/^(?:import (?!type\b)|export \{[^}]*\} )[^;]*?from '(\.[^']+)'/gm)].map((it) =>
      normalize(join(dirname(path), it[1] ?? '')),
    );
    for (const target of runtime) if (FILES.includes(target)) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of FILES) visit(path, []);
});

test("dependencies are exact versions with a hash, none is installed at the user's side, and few run anything while they are", () => {
  const manifest = JSON.parse(text('package.json'));
  for (const it of ['dependencies', 'optionalDependencies', 'peerDependencies']) assert.equal(manifest[it], undefined, it);
  for (const it of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts[it], undefined, it);
  for (const [name, version] of Object.entries(manifest.devDependencies)) assert.match(String(version), /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, name);
  const { packages }: { packages: Record<string, { integrity?: string; hasInstallScript?: boolean }> } = JSON.parse(text('package-lock.json'));
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  for (const [path, { integrity }] of installed) assert.match(integrity ?? '', /^sha512-/, path);
  // The bundler's own binary; signing and a key store that `vsce` brings.
  assert.deepEqual(
    installed.flatMap(([path, it]) => (it.hasInstallScript === true ? [path] : [])),
    ['node_modules/@vscode/vsce-sign', 'node_modules/esbuild', 'node_modules/keytar'],
  );
});

test('the panel runs its own script and no other, and links of hovers run two commands and no other', () => {
  assert.match(text('client/panel.ts'), /const policy = `default-src 'none'; style-src \$\{webview\.cspSource\}; script-src 'nonce-\$\{nonce\}'`;/);
  assert.match(text('client/panel.ts'), /<meta http-equiv="Content-Security-Policy" content="\$\{policy\}">/);
  const trusting = FILES.filter((it) => /isTrusted|supportHtml: true|enableCommandUris|enableScripts/.test(text(it)));
  assert.deepEqual(trusting.sort(), ['client/connection.ts', 'client/panel.ts']);
  assert.match(text('client/connection.ts'), /isTrusted: \{ enabledCommands: \['attest\.explainRule', 'attest\.suppressAt'\] \}, supportHtml: false/);
  for (const it of ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'DOMParser', 'eval(', 'new Function'])
    for (const path of FILES.filter((each) => each.startsWith('client/'))) assert.ok(!text(path).includes(it), `${path} has ${it}`);
});
