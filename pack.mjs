// `npm run package`: what is released, in dist/packages/: the extension, the npm package, and the software bill of
// materials that both carry. Equal sources give equal bytes: times come from the commit, never from the clock.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shipped } from './esbuild.mjs';

const root = dirname(fileURLToPath(import.meta.url));
/** Of the extension, 1,000 KB, half of it the rules: whoever looks at it in a browser downloads it each time. */
const MOST_BYTES = 1000 * 1024;
const packages = join(root, 'dist', 'packages');
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function run(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1e9, env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Seconds since 1970 that stand for this source; a zip archive knows no time before 1980. */
function sourceTime() {
  if (process.env.SOURCE_DATE_EPOCH) return process.env.SOURCE_DATE_EPOCH;
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '315532800';
}

/** npm's bill (CycloneDX), cut down to what is inside the bundles: npm lists every tool of the build. */
function bill() {
  const whole = JSON.parse(run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']));
  const inside = new Set(shipped.map((it) => `${it.name}@${it.version}`));
  const components = whole.components
    .filter((it) => inside.delete(`${it.group ? `${it.group}/` : ''}${it.name}@${it.version}`))
    .map(({ properties: _development, ...it }) => ({ ...it, scope: 'required' }));
  if (inside.size > 0) throw new Error(`the bill of materials lacks ${[...inside].join(', ')}`);
  const refs = new Set(components.map((it) => it['bom-ref']));
  const { component } = whole.metadata;
  return {
    $schema: whole.$schema,
    bomFormat: whole.bomFormat,
    specVersion: whole.specVersion,
    version: 1,
    metadata: { lifecycles: [{ phase: 'build' }], component: { ...component, type: 'application', name } },
    components,
    dependencies: [
      { ref: component['bom-ref'], dependsOn: [...refs] },
      ...whole.dependencies.filter((it) => refs.has(it.ref)).map((it) => ({ ref: it.ref, dependsOn: (it.dependsOn ?? []).filter((other) => refs.has(other)) })),
    ],
  };
}

const vsce = (words, env) => run(process.execPath, ['node_modules/@vscode/vsce/vsce', ...words, '--no-dependencies'], env);

/** The same rights wherever it was checked out: they are part of an archive. */
function plainRights() {
  const extension = vsce(['ls'])
    .split('\n')
    .filter((it) => it !== '');
  const built = readdirSync(join(root, 'dist'), { withFileTypes: true }).flatMap((it) => (it.isFile() ? [join('dist', it.name)] : []));
  for (const it of [...extension, ...built]) chmodSync(join(root, it), 0o644);
}

rmSync(packages, { recursive: true, force: true });
mkdirSync(packages, { recursive: true });
writeFileSync(join(root, 'dist', 'sbom.cdx.json'), `${JSON.stringify(bill(), undefined, 2)}\n`);
plainRights();
// An odd minor version is one to try out: whoever asked for such gets it, everybody else keeps the even one before.
const channel = Number(version.split('.')[1]) % 2 === 1 ? ['--pre-release'] : [];
const fixed = { SOURCE_DATE_EPOCH: sourceTime(), TZ: 'UTC', LC_ALL: 'C', LANG: 'C' };
vsce(['package', ...channel, '--out', join(packages, `${name}-${version}.vsix`)], fixed);
const { size } = statSync(join(packages, `${name}-${version}.vsix`));
if (size > MOST_BYTES) throw new Error(`the extension has ${size} bytes, more than ${MOST_BYTES}: see what has come into the bundles`);
run('npm', ['pack', '--ignore-scripts', '--pack-destination', packages], fixed);
writeFileSync(join(packages, `${name}-${version}.cdx.json`), readFileSync(join(root, 'dist', 'sbom.cdx.json')));
for (const it of readdirSync(packages).sort()) console.log(join('dist', 'packages', it));
