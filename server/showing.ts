/**
 * What the editor is shown: which text is due for a review, which answer still holds, what is sent unasked. Open
 * documents are shown as they are asked for (or sent, to editors that do not ask); closed files only after somebody
 * asked for their review, and then until they are gone.
 */

import type { CancellationToken, Diagnostic } from 'vscode-languageserver';
import type { Rule } from '../rules/rule.ts';
import type { ClientNeeds } from './client-needs.ts';
import { type Documents, spelled } from './documents.ts';
import type { Host } from './host.ts';
import type { ReviewedFile } from './protocol.ts';
import { type Reviewed, Reviewer, type ReviewerOptions, uriIn } from './reviewer.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import type { Speaker } from './speaker.ts';
import { isSameText } from './syntax/text.ts';
import { diagnosticsOf } from './views/diagnostics.ts';
import { snapshotOf } from './views/panel.ts';
import { type Positions, positionsOf } from './views/positions.ts';

export interface ShowingOptions {
  readonly host: Host;
  readonly rules: readonly Rule[];
  readonly documents: Documents;
  readonly speaker: Speaker;
  needs(): ClientNeeds | undefined;
  folders(): readonly string[];
  settings(uri: string): Promise<Settings>;
  ruleOf(name: string): Rule | undefined;
  misread: ReviewerOptions['misread'];
}

const TELL_MS = 40;

export class Showing {
  readonly schedule: Schedule;
  readonly reviewer: Reviewer;
  readonly #options: ShowingOptions;
  /** Last review of each open document. */
  readonly #shown = new Map<string, Reviewed>();
  /** Open documents that were just opened or saved: reviewed without waiting. */
  readonly #due = new Set<string>();
  /** Files that were reviewed on request, by their spelled URI; while closed, their diagnostics are sent. */
  readonly #requested = new Map<string, string>();
  readonly #faults = new Set<string>();
  /** The newest comparison with the disk; what was just opened or saved waits for it. */
  #compared: Promise<void> = Promise.resolve();
  #isAboutToCompare = false;
  /** Rises with every change of settings, so that no earlier answer counts as unchanged. */
  #epoch = 0;

  constructor(options: ShowingOptions) {
    const { host, rules, documents, speaker, folders, settings } = options;
    this.#options = options;
    this.schedule = createSchedule(host);
    this.reviewer = new Reviewer({
      host,
      schedule: this.schedule,
      rules,
      folders,
      settings,
      log: speaker.log,
      misread: options.misread,
      open: (uri) => documents.get(uri),
      opened: () => documents.all(),
      changed: (uris) => this.#showAgain(uris),
    });
  }

  // ------------------------------------------------------------------------------------------- documents

  opened(uri: string): void {
    this.#due.add(uri);
    if (this.#requested.has(spelled(uri))) void this.#options.speaker.publish(uri, []);
    this.changed(uri);
  }

  saved(uri: string): void {
    this.#due.add(uri);
    this.changed(uri);
  }

  /** For editors that do not ask: sends the diagnostics once the text has settled. */
  changed(uri: string): void {
    if (this.#options.needs()?.pulls !== false) return;
    this.#push(uri).catch((error: unknown) => this.#options.speaker.failed(`Diagnostics of ${uri}`, error));
  }

  async closed(uri: string): Promise<void> {
    const { needs, speaker } = this.#options;
    this.#shown.delete(uri);
    this.#due.delete(uri);
    this.schedule.forget(uri);
    if (needs()?.pulls !== true) await speaker.publish(uri, []);
    if (this.#requested.has(spelled(uri))) await this.reviewClosed([uri]);
    else speaker.tell('attest/reviewed', { uri, reviewed: null });
    await this.reviewer.unname(uri);
    await this.reviewer.reread([uri]);
  }

  /** `gone` are folders, or files that are no sources, that were deleted: nothing is told of what was in them. */
  async changedOnDisk(uris: readonly string[], gone: readonly string[] = []): Promise<void> {
    const starts = gone.map((it) => `${spelled(it)}/`);
    const isBelow = (uri: string) => starts.some((it) => spelled(uri).startsWith(it));
    await this.reviewer.reread(gone.length === 0 ? uris : [...uris, ...(await this.reviewer.knownBelow(gone))]);
    const named = new Set(uris.map(spelled));
    await this.reviewClosed([...this.#requested].flatMap(([name, uri]) => ((named.has(name) || isBelow(uri)) && !this.#isOpen(uri) ? [uri] : [])));
  }

  /**
   * For editors that tell nothing of the disk: what was read is compared with what is there now, and what differs is looked
   * at again. Many wishes at the same time are one comparison.
   */
  compare(): void {
    if (this.#isAboutToCompare) return;
    this.#isAboutToCompare = true;
    const { host, speaker } = this.#options;
    this.#compared = this.#compared
      .then(() => host.wait(0))
      .then(async () => {
        this.#isAboutToCompare = false;
        host.forget();
        if (await this.reviewer.isOutdated()) return this.startOver();
        const uris = await this.reviewer.changedOnDisk();
        if (uris.length > 0) await this.changedOnDisk(uris);
      })
      .catch((error: unknown) => speaker.failed('Comparing with the disk', error));
  }

  /** Other settings or folders: everything that is shown is made again. */
  async startOver(): Promise<void> {
    this.#epoch += 1;
    await this.reviewer.reset();
    for (const uri of this.#shown.keys()) await this.#review(uri);
    this.#showAgain(this.#options.documents.all().map((it) => it.uri));
    await this.reviewClosed([...this.#requested.values()].filter((it) => !this.#isOpen(it)));
  }

  // --------------------------------------------------------------------------------------------- reviews

  /** The review of what the document says now; `as before` where nothing new is due, `given up` where nobody waits for it any more. */
  async current(uri: string, token?: CancellationToken): Promise<Reviewed | 'as before' | 'given up' | undefined> {
    if (this.#due.has(uri)) await this.#compared;
    const settings = await this.#options.settings(uri);
    if (!(await this.schedule.settle(uri, { now: this.#due.has(uri), debounceMs: settings.debounceMs, token }))) return 'given up';
    const document = this.#options.documents.get(uri);
    const last = this.#shown.get(uri);
    if (document === undefined) return undefined;
    // A text that was reviewed by command stays reviewed.
    const isDue = settings.run === 'onType' || (settings.run === 'onSave' && this.#due.has(uri)) || isSameText(last?.text, document.text);
    if (!isDue) return last === undefined ? undefined : 'as before';
    return this.#review(uri);
  }

  /** The review of exactly the text in the editor, or nothing. Reviews only where typing would. */
  async ofThisText(uri: string): Promise<Reviewed | undefined> {
    const last = this.#shown.get(uri);
    if (last !== undefined && isSameText(last.text, this.#options.documents.get(uri)?.text)) return last;
    return (await this.#options.settings(uri)).run === 'onType' ? this.#review(uri) : undefined;
  }

  /** Reviews a file that somebody named, be it test code or not. */
  async reviewNamed(uri: string): Promise<ReviewedFile | null> {
    if (!this.#isOpen(uri)) {
      const [reviewed] = await this.reviewClosed([uri], true);
      return reviewed === undefined ? null : this.fileOf(reviewed);
    }
    const reviewed = await this.#review(uri, true);
    this.#showAgain([uri]);
    return reviewed === undefined ? null : this.fileOf(reviewed);
  }

  /** Reviews files on disk and shows them; those that are gone are no longer shown. */
  async reviewClosed(uris: readonly string[], isNamed = false): Promise<Reviewed[]> {
    const { speaker } = this.#options;
    const found: Reviewed[] = [];
    for (const uri of uris) {
      const result = await this.reviewer.reviewClosed(uri, isNamed);
      if (this.#isOpen(uri)) continue;
      if (typeof result === 'string') {
        this.#requested.delete(spelled(uri));
        await speaker.publish(uri, []);
        speaker.tell('attest/reviewed', { uri, reviewed: null });
        continue;
      }
      found.push(result);
      await this.found(result);
      speaker.tell('attest/reviewed', { uri, reviewed: this.fileOf(result) });
    }
    return found;
  }

  /** A review that somebody asked for: from now on shown while the file is closed. */
  async found(reviewed: Reviewed): Promise<void> {
    this.#requested.set(spelled(reviewed.uri), reviewed.uri);
    this.#reportFaults(reviewed);
    const { scope } = await this.#options.settings(reviewed.uri);
    const diagnostics = scope === 'reviewed' ? await this.diagnosticsOf(reviewed) : [];
    if (!this.#isOpen(reviewed.uri)) await this.#options.speaker.publish(reviewed.uri, diagnostics);
  }

  // ----------------------------------------------------------------------------------------- as messages

  /** Differs whenever the diagnostics could differ. */
  resultId(reviewed: Reviewed): string {
    return `${this.#epoch}.${reviewed.serial}`;
  }

  async diagnosticsOf(reviewed: Reviewed): Promise<Diagnostic[]> {
    const { needs, settings } = this.#options;
    const { severityOf, most, catalogue } = await settings(reviewed.uri);
    const uriOf = (path: string) => this.uriOf(reviewed, path);
    return diagnosticsOf(reviewed.review, {
      positions: this.positionsIn(reviewed),
      uriOf,
      severityOf: (finding) => severityOf(finding, reviewed.decides),
      most,
      catalogue,
      related: needs()?.related === true,
    });
  }

  /** The client's name for a path of a review. */
  uriOf(reviewed: Reviewed, path: string): string {
    const uri = uriIn(reviewed.root, path);
    return path === reviewed.review.path ? reviewed.uri : (this.#options.documents.get(uri)?.uri ?? uri);
  }

  positionsIn(reviewed: Reviewed): Positions {
    const document = this.#options.documents.get(reviewed.uri);
    return document !== undefined && isSameText(document.text, reviewed.text)
      ? document.positions
      : positionsOf(reviewed.text, this.#options.needs()?.encoding ?? 'utf-16');
  }

  fileOf(reviewed: Reviewed): ReviewedFile {
    const { uri, root, review, off } = reviewed;
    const notes = off === 0 ? [] : [`${off} ${off === 1 ? 'rule is' : 'rules are'} turned off in the settings`];
    return { uri, root, version: this.#options.documents.get(uri)?.version ?? null, snapshot: snapshotOf(review, this.#options.ruleOf, notes) };
  }

  // --------------------------------------------------------------------------------------------- details

  async #review(uri: string, isNamed = false): Promise<Reviewed | undefined> {
    const { speaker } = this.#options;
    const result = await this.reviewer.review(uri, isNamed);
    this.#due.delete(uri);
    if (!this.#isOpen(uri)) return undefined;
    const before = this.#shown.get(uri);
    if (typeof result === 'string') {
      this.#shown.delete(uri);
      if (before !== undefined || result === 'failed') speaker.tell('attest/reviewed', { uri, reviewed: null });
      if (result === 'failed') speaker.status({ state: 'problem', message: `The review of ${uri} failed. The output of Attest says more.` });
      return undefined;
    }
    this.#shown.set(uri, result);
    this.#reportFaults(result);
    if (before?.serial !== result.serial) this.schedule.soon(`tell ${uri}`, TELL_MS, () => this.#tell(uri));
    return result;
  }

  #tell(uri: string): void {
    const latest = this.#shown.get(uri);
    if (latest !== undefined && this.#options.needs()?.own === true) this.#options.speaker.tell('attest/reviewed', { uri, reviewed: this.fileOf(latest) });
  }

  async #push(uri: string): Promise<void> {
    const { documents, speaker } = this.#options;
    const reviewed = await this.current(uri);
    const document = documents.get(uri);
    if (reviewed === 'as before' || reviewed === 'given up' || document === undefined) return;
    if (reviewed === undefined) return speaker.publish(uri, [], document.version);
    // Typed on meanwhile: the next push is on its way.
    if (isSameText(reviewed.text, document.text)) await speaker.publish(uri, await this.diagnosticsOf(reviewed), document.version);
  }

  #showAgain(uris: readonly string[]): void {
    const { needs, speaker } = this.#options;
    if (needs()?.pulls === false) for (const uri of uris) this.changed(uri);
    else if (needs()?.refreshes) this.schedule.soon('refresh', TELL_MS, () => speaker.refresh());
  }

  #isOpen(uri: string): boolean {
    return this.#options.documents.get(uri) !== undefined;
  }

  /** A failed rule is a bug of Attest: said once, never silent. */
  #reportFaults({ uri, review: { faults } }: Reviewed): void {
    for (const { rule, message } of faults) {
      if (!this.#faults.has(rule)) this.#options.speaker.log(`The rule ${rule} failed on ${uri}: ${message}`);
      this.#faults.add(rule);
    }
  }
}
