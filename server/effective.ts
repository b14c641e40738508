/** The effective configuration: what holds, and which line says so. For `attest config` and for the editor. */
import { type Configuration, decidingPattern, type Origin } from './configuration.ts';
import { settingsIn } from './policy.ts';
import { appliesTo } from './required-evidence.ts';
import { visible } from './views/visible.ts';

interface Row extends Origin {
  readonly key: string;
  readonly value: unknown;
}

/** All settings; with a path, what holds for that file. */
export function effective(configuration: Configuration, path?: string): readonly Row[] {
  return path === undefined ? rowsOf(configuration) : rowsFor(path, configuration);
}

/** All settings, in the order of the documentation. */
function rowsOf(configuration: Configuration): Row[] {
  const { presets, include, exclude, layers, guarantees, requirements, baseline, failOn } = configuration;
  return [
    ...presets.map((it) => row('preset', it.value, it)),
    ...include.map((it) => row('include', it.value, it)),
    ...exclude.map((it) => row('exclude', it.value, it)),
    ...layers.flatMap(({ paths, levels }) =>
      [...levels.values()].map((it) => row(`rules.${quoted(it.name)}${paths === undefined ? '' : ` (${paths.join(', ')})`}`, it.value, it)),
    ),
    ...guarantees.map((it) => row(`guarantees.${quoted(it.class)}`, it.value, it)),
    ...requirements.map((it) =>
      row(`require.${quoted(it.evidence)}`, { in: it.places, level: it.level, per: it.per, ...(it.reason === '' ? {} : { reason: it.reason }) }, it),
    ),
    row('baseline', baseline.value, baseline),
    row('fail-on', failOn.value, failOn),
  ];
}

/** What holds for one file. */
function rowsFor(path: string, configuration: Configuration): Row[] {
  const layers = configuration.layers.filter((it) => it.applies(path)).map((it) => it.levels);
  const fits = (key: string, patterns: Configuration['exclude']) => {
    const by = decidingPattern(patterns, path);
    return row(key, by !== undefined, by ?? { from: '', line: 0 });
  };
  return [
    fits('excluded', configuration.exclude),
    fits('included', configuration.include),
    ...settingsIn(layers).map((it) => row(`rules.${quoted(it.name)}`, it.value, it)),
    ...configuration.requirements.filter((it) => appliesTo(it, path)).map((it) => row(`require.${quoted(it.evidence)}`, it.level, it)),
    ...configuration.guarantees.map((it) => row(`guarantees.${quoted(it.class)}`, it.value, it)),
  ];
}

function row(key: string, value: unknown, { from, line }: Origin): Row {
  return { key, value, from, line };
}

/** As TOML, with the origin of each setting behind it. */
export function effectiveText(
  { root, file, path }: { readonly root: string; readonly file: string | null; readonly path?: string },
  rows: readonly Row[],
): string {
  const written = rows.map((it) => ({ it, setting: `${it.key} = ${tomlOf(it.value)}` }));
  const width = Math.min(
    72,
    written.reduce((widest, { setting }) => Math.max(widest, setting.length), 0),
  );
  const lines = written.map(({ it, setting }) => (it.from === '' ? setting : `${setting.padEnd(width)}  # ${it.from}${it.line === 0 ? '' : `:${it.line}`}`));
  return [`# root: ${root}`, `# configuration: ${file ?? 'none'}`, ...(path === undefined ? [] : [`# for: ${path}`]), ...lines]
    .map((it) => `${visible(it)}\n`)
    .join('');
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

function tomlOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, it]) => `${key} = ${tomlOf(it)}`)
    .join(', ')} }`;
}
