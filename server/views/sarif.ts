/**
 * The review as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code-scanning
 * sites and SARIF viewers. Equal reviews give equal bytes, and the parts that do not depend on files (rules,
 * taxonomy) are the same whatever was found, so that the logs of parts of a tree can be merged.
 *
 * Every result becomes an alert on such sites, so only what asks for attention is written unless more is wanted.
 */

import type { Kind, Rule } from '../../rules/rule.ts';
import { carriesSecret } from '../review/confidential.ts';
import { byPath, capital, sentence } from '../review/prose.ts';
import { type Blind, findingsOf, type PlacedFinding, type PlacedFix, type Review, type Span, type Suppressed, type TrailStep } from '../review/review.ts';
import { rulePage } from './diagnostics.ts';
import { explain } from './explain.ts';
import { fullId } from './named.ts';
import { visible, visibleJson } from './visible.ts';

/** `suppressed` stands for findings that a comment or the baseline takes responsibility for, whatever their kind. */
export type SarifKind = Kind | 'suppressed';

export const SARIF_KINDS: readonly SarifKind[] = ['fail', 'review', 'informational', 'open', 'pass', 'suppressed'];

export interface SarifOptions {
  readonly version: string;
  readonly rules: readonly Rule[];
  readonly kinds: readonly SarifKind[];
  /** What configuration made of the run as a whole. */
  readonly notes?: readonly string[];
}

/** A SARIF log and a line break. */
export function sarif(reviews: readonly Review[], options: SarifOptions): string {
  const sorted = byPath(reviews);
  const rules = describedRules(options);
  const weaknesses = weaknessesOf(rules);
  const position = new Map(rules.map((it, index) => [fullId(it), index]));
  const run = {
    tool: { driver: driverOf(rules, weaknesses, options) },
    taxonomies: [taxonomyOf(weaknesses)],
    originalUriBaseIds: { [BASE]: { description: { text: 'The folder that imports start from: the root of the review.' } } },
    columnKind: 'utf16CodeUnits',
    defaultSourceLanguage: 'python',
    artifacts: sorted.map((it) => ({ location: artifact(it.path), roles: ['analysisTarget'] })),
    invocations: [
      {
        executionSuccessful: sorted.every((it) => it.faults.length === 0),
        toolExecutionNotifications: sorted.flatMap(notificationsOf),
        toolConfigurationNotifications: [...(options.notes ?? []).map(configurationSays), ...sorted.flatMap(configurationOf)],
      },
    ],
    results: sorted.flatMap((review) =>
      findingsOf(review)
        .filter((it) => options.kinds.includes(it.suppressed === undefined ? it.kind : 'suppressed'))
        .map((it) => resultOf(it, review.path, position.get(it.rule))),
    ),
  };
  return sarifText(run);
}

/** A log of one run, as it is written. */
export function sarifText(run: unknown): string {
  return `${visibleJson(JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, undefined, 2))}\n`;
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HOME = 'https://github.com/attest-review/attest';
const BASE = '%SRCROOT%';

// ---------------------------------------------------------------------------------------------- rules

/** The rules that could have given a result, by name. */
function describedRules({ rules, kinds }: SarifOptions): Rule[] {
  return rules
    .filter((it) => kinds.includes('suppressed') || kindsOf(it).some((kind) => kinds.includes(kind)))
    .sort((a, b) => (fullId(a) < fullId(b) ? -1 : 1));
}

function kindsOf(rule: Rule): readonly Kind[] {
  return rule.kinds ?? [rule.kind];
}

function driverOf(rules: readonly Rule[], weaknesses: readonly number[], { version }: SarifOptions) {
  return {
    name: 'Attest',
    fullName: 'Attest: a security review of Python test code',
    version,
    semanticVersion: version,
    informationUri: HOME,
    supportedTaxonomies: [{ name: 'CWE', index: 0 }],
    notifications: NOTIFICATIONS.map(([id, text]) => ({ id, shortDescription: { text } })),
    rules: rules.map((it) => ruleOf(it, weaknesses)),
  };
}

function ruleOf(rule: Rule, weaknesses: readonly number[]) {
  const id = fullId(rule);
  const instead = rule.instead === undefined ? [] : [`Instead: ${rule.instead.trim()}`];
  const plain = [rule.why, ...instead, `Limits: ${rule.limits.trim()}`].map((it) => sentence(it.trim())).join('\n\n');
  return {
    id,
    name: id
      .slice(id.indexOf('/') + 1)
      .split('-')
      .map(capital)
      .join(''),
    shortDescription: { text: sentence(rule.title) },
    fullDescription: { text: sentence(rule.why.trim()) },
    help: { text: plain, markdown: explain(rule, { heading: 1, examples: false }).trimEnd() },
    helpUri: rulePage(id),
    defaultConfiguration: { level: defaultLevel(rule) },
    ...(rule.cwe.length === 0
      ? {}
      : {
          relationships: rule.cwe.map((cwe) => ({
            target: { id: `${cwe}`, index: weaknesses.indexOf(cwe), toolComponent: { name: 'CWE', index: 0 } },
            kinds: ['relevant'],
          })),
        }),
    properties: {
      tags: ['security', 'test', rule.category, ...rule.cwe.map((it) => `external/cwe/cwe-${`${it}`.padStart(3, '0')}`)],
      precision: rule.confidence,
      ...severityOf(rule),
      code: rule.code,
    },
  };
}

function defaultLevel(rule: Rule): 'error' | 'warning' | 'none' {
  if (rule.kind !== 'fail') return 'none';
  return rule.confidence === 'high' ? 'error' : 'warning';
}

/**
 * Code-scanning sites sort alerts by this number, not by level: how bad it is if it is true (`precision` says how
 * sure that is). What can leak a secret or open a door is high; what weakens the test is medium; what a person must
 * decide is one step lower.
 */
function severityOf(rule: Rule): { readonly 'security-severity'?: string } {
  const kinds = kindsOf(rule);
  const opens = ['credentials', 'input', 'network', 'api'].includes(rule.category);
  if (rule.kind === 'fail') return { 'security-severity': opens ? '7.5' : '5.0' };
  if (rule.kind === 'review') return { 'security-severity': opens ? '4.5' : '3.0' };
  return kinds.includes('fail') || kinds.includes('review') ? { 'security-severity': '3.0' } : {};
}

function weaknessesOf(rules: readonly Rule[]): number[] {
  return [...new Set(rules.flatMap((it) => it.cwe))].sort((a, b) => a - b);
}

function taxonomyOf(weaknesses: readonly number[]) {
  return {
    name: 'CWE',
    organization: 'MITRE',
    shortDescription: { text: 'The MITRE Common Weakness Enumeration.' },
    informationUri: 'https://cwe.mitre.org/',
    isComprehensive: false,
    taxa: weaknesses.map((it) => ({ id: `${it}`, helpUri: `https://cwe.mitre.org/data/definitions/${it}.html` })),
  };
}

// -------------------------------------------------------------------------------------------- results

function resultOf(finding: PlacedFinding, path: string, ruleIndex: number | undefined) {
  const { suppressed, fix } = finding;
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    kind: finding.kind,
    level: finding.kind === 'fail' ? finding.level : 'none',
    message: { text: sentence(said(finding.message)) },
    locations: [place(path, regionOf(finding))],
    partialFingerprints: { 'attestFinding/v1': finding.fingerprint },
    ...(finding.trail.length === 0 ? {} : { codeFlows: [{ threadFlows: [{ locations: flowOf(finding, path) }] }] }),
    // A report travels further than the file: a fix that would carry a secret stays at home.
    ...(fix === undefined || carriesSecret(fix) ? {} : { fixes: [fixOf(fix, path)] }),
    ...(suppressed === undefined ? {} : { suppressions: [suppressionOf(suppressed, path)] }),
    properties: { confidence: finding.confidence, code: finding.code, category: finding.category },
  };
}

function suppressionOf({ reason, line, baseline }: Suppressed, path: string) {
  return {
    kind: baseline === true ? 'external' : 'inSource',
    status: 'accepted',
    ...(reason === '' ? {} : { justification: said(reason) }),
    ...(baseline === true ? {} : { location: place(path, { startLine: line }) }),
  };
}

/** The trail, and at its end the finding itself. */
function flowOf(finding: PlacedFinding, path: string) {
  const steps: (TrailStep & { readonly region?: object })[] = [
    ...finding.trail,
    { path, line: finding.line, column: finding.column, note: finding.message, region: regionOf(finding) },
  ];
  return steps.map((it) => ({
    location: { ...place(it.path, it.region ?? { startLine: it.line, startColumn: it.column }), message: { text: said(it.note) } },
  }));
}

function fixOf(fix: PlacedFix, path: string) {
  return {
    description: { text: said(fix.title) },
    artifactChanges: [
      {
        artifactLocation: artifact(path),
        replacements: fix.edits.map((it) => ({ deletedRegion: regionOf(it), ...(it.text === '' ? {} : { insertedContent: { text: it.text } }) })),
      },
    ],
  };
}

function regionOf({ line, column, endLine, endColumn }: Span) {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function place(path: string, region: object) {
  return { physicalLocation: { artifactLocation: artifact(path), region } };
}

function artifact(path: string) {
  return { uri: uriOf(path), uriBaseId: BASE };
}

/** A relative reference (RFC 3986): a path's `:`, `#`, `%` and blanks are data, not syntax. */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((it) => encodeURIComponent(it.replace(/\p{Cs}/gu, '\ufffd')))
    .join('/');
}

/** In a SARIF message `[text](target)` is a link (3.11.6); nothing from the repository makes one. */
function said(text: string): string {
  return capital(visible(text).replaceAll('](', '] ('));
}

// -------------------------------------------------------------------------------------- what went wrong

const NOTIFICATIONS: readonly (readonly [string, string])[] = [
  ['fault', 'A rule failed: a bug in Attest. What it would have found is missing.'],
  ['missing-import', 'A module that the file imports was not found.'],
  ['too-large', 'The file is too large to be read as a whole.'],
  ['not-utf8', 'The bytes of the file do not fit its encoding.'],
  ['syntax-error', 'A part of the file is not Python that can be parsed; it was not judged.'],
  ['unreadable', 'The file could not be read.'],
  ['configuration', 'Configuration changed what a review says.'],
];

function notificationsOf(review: Review) {
  return [
    ...review.faults.map((it) => ({
      descriptor: descriptorOf('fault'),
      level: 'error',
      message: { text: sentence(said(`${it.rule}: ${it.message}`)) },
      locations: [place(review.path, { startLine: 1 })],
    })),
    ...review.blind.map((it: Blind) => ({
      descriptor: descriptorOf(it.what),
      level: it.what === 'missing-import' ? 'note' : 'warning',
      message: { text: sentence(said(it.message)) },
      locations: [place(review.path, { startLine: Math.max(1, it.line) })],
    })),
  ];
}

function configurationOf(review: Review) {
  return review.notes.map((it) => ({ ...configurationSays(it), locations: [place(review.path, { startLine: 1 })] }));
}

function configurationSays(note: string) {
  return { descriptor: descriptorOf('configuration'), level: 'note', message: { text: sentence(said(note)) } };
}

function descriptorOf(id: string) {
  return { id, index: NOTIFICATIONS.findIndex(([name]) => name === id) };
}
