/**
 * Who uses a function in its own file. Bodies of tests count, which are no part of the frame, so that an edit of one can change
 * what was said of another unit: what was asked is kept with who asked, and they are told when the answer is another one.
 */
import type { FrameUnit } from './frame.ts';
import { difference, standsIn } from './frame-change.ts';

interface Answer {
  /** What of a text matters to those who ask; nothing where it is none of the answer. */
  readonly asked: (text: string) => string;
  /** Keys of the units that were told. */
  readonly told: Set<string>;
  users: readonly FrameUnit[];
  /** The users, and what of them matters. */
  said: string;
}

export class Uses {
  private units: readonly FrameUnit[];
  private readonly isSkipped: (unit: FrameUnit) => boolean;
  private readonly answers = new Map<string, Answer>();
  /** Key of the unit that is shown to the rules. */
  asker = '';

  constructor(units: readonly FrameUnit[], isSkipped: (unit: FrameUnit) => boolean) {
    this.units = units;
    this.isSkipped = isSkipped;
  }

  /** The units that name the word, in whatever way: in a string or a comment too. */
  named(word: string): readonly FrameUnit[] {
    return this.that(word, (text) => (standsIn(text, word) ? '.' : ''));
  }

  /** The units whose text says something of it; `about` stands for the question. */
  that(about: string, asked: (text: string) => string): readonly FrameUnit[] {
    let answer = this.answers.get(about);
    if (answer === undefined) {
      answer = { asked, told: new Set(), ...this.find(asked) };
      this.answers.set(about, answer);
    }
    answer.told.add(this.asker);
    return answer.users;
  }

  private find(asked: Answer['asked']): Pick<Answer, 'users' | 'said'> {
    const users = this.units.filter((it) => asked(it.text) !== '');
    return { users, said: users.map((it) => `${it.key}${asked(it.text)}${this.isSkipped(it) ? '-' : ''}`).join() };
  }

  /** Goes on with the units as they are now; gives the keys of those whose answers changed. */
  follow(units: readonly FrameUnit[]): ReadonlySet<string> {
    const { units: before } = this;
    this.units = units;
    const others = new Set<string>();
    if (before === units || this.answers.size === 0) return others;
    const changed = difference(before, units).flat();
    for (const answer of changed.length === 0 ? [] : this.answers.values()) {
      if (!changed.some((it) => answer.asked(it.text) !== '')) continue;
      const { said } = answer;
      Object.assign(answer, this.find(answer.asked));
      if (answer.said !== said) for (const it of answer.told) others.add(it);
    }
    return others;
  }

  /** Goes on for what answered before, and is still relied on. */
  succeed({ units, answers }: Uses): void {
    this.units = units;
    for (const [about, answer] of answers) this.answers.set(about, answer);
  }
}
