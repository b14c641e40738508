/** The results as people and programs read them. */
import type { Goal, Machine, Row, Spread } from './measure.ts';

export interface Results {
  readonly machine: Machine;
  readonly skipped: readonly string[];
  readonly rows: readonly Row[];
}

export function verdictOf({ goal, ratio, attest }: Row): 'stretch' | 'held' | 'missed' | undefined {
  if (goal === undefined) return undefined;
  const { median } = ratio ?? attest;
  if (median <= goal.stretch) return 'stretch';
  return median <= goal.hold ? 'held' : 'missed';
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map((it) => {
    const cells = [it.what, `${spread(it.attest)} ${it.unit}`, it.peer === undefined ? '' : `${it.peer.name}: ${spread(it.peer.value)}`];
    return [...cells, it.ratio === undefined ? '' : `**${spread(it.ratio)}**`, goal(it.goal), verdictOf(it) ?? '', it.note ?? ''];
  });
  return [['what', 'Attest', 'beside', 'ratio', 'goal (stretch)', '', 'note'], ['---', '--:', '--:', '--:', '--:', '---', '---'], ...lines]
    .map((it) => `| ${it.join(' | ')} |`)
    .join('\n');
}

export function page({ machine, skipped, rows }: Results): string {
  const load = (it: readonly number[]) => it.join(' / ');
  return `# What Attest costs

Written by \`npm run bench\`; \`results.json\` has the same as data. Contenders take turns within each round, and a ratio is
taken within its round. A cell is the median with the middle half of all rounds in brackets; a ratio below 1 means that
Attest is cheaper. The suite is OpenStack Nova's tests from Debian's \`python3-nova\`.

Machine: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}; load (1, 5, 15 minutes)
${load(machine.loadAtStart)} at the start and ${load(machine.loadAtEnd)} at the end. With a load above the number of cores only ratios mean anything, and the
worst single values mean little.
${skipped.length === 0 ? '' : `\nSkipped: ${skipped.join(', ')}.\n`}
${table(rows)}
`;
}

function goal(it: Goal | undefined): string {
  if (it === undefined) return '';
  return it.hold === it.stretch ? `≤ ${short(it.hold)}` : `≤ ${short(it.hold)} (${short(it.stretch)})`;
}

function spread({ median, low, high, count }: Spread): string {
  return count === 1 || (short(low) === short(median) && short(high) === short(median)) ? short(median) : `${short(median)} [${short(low)}-${short(high)}]`;
}

function short(value: number): string {
  if (value === 0 || value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toPrecision(2);
}
