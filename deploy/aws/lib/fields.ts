// Reads a JSON object field by field and gathers every mistake, each with the field's name and the rule it breaks.

/** What a stage file must not be. The message has one line per mistake and repeats no value. */
export class StageError extends Error {
  override name = 'StageError';

  constructor(file: string, mistakes: readonly string[]) {
    super([`${file} cannot be used:`, ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'));
  }
}

/** What is said when text does not have the wanted form, and the form. */
export interface Form {
  readonly rule: string;
  readonly pattern: { test(text: string): boolean };
}

/** One JSON object on its way to being a typed value. */
export class Fields {
  readonly #object: Record<string, unknown>;
  readonly #path: string;
  readonly #mistakes: string[];
  readonly #asked = new Set<string>();
  readonly #inner: Fields[] = [];

  constructor(value: unknown, path: string, mistakes: string[]) {
    this.#path = path;
    this.#mistakes = mistakes;
    this.#object = isObject(value) ? value : {};
    if (!isObject(value)) this.refuse(undefined, 'must be an object');
  }

  /** Notes that a field, or the object itself, breaks a rule. */
  refuse(key: string | undefined, rule: string): void {
    const name = [this.#path, key].filter((part) => part !== undefined && part !== '').join('.');
    this.#mistakes.push(`${name === '' ? 'the file' : name}: ${rule}`);
  }

  has(key: string): boolean {
    return this.#object[key] !== undefined;
  }

  object(key: string): Fields {
    const inner = new Fields(this.#take(key), [this.#path, key].filter(Boolean).join('.'), this.#mistakes);
    this.#inner.push(inner);
    return inner;
  }

  /** The names and values of an object whose keys are not known beforehand. */
  texts(key: string, name: Form, value: Form): Record<string, string> {
    const found = this.#take(key);
    if (found === undefined) return {};
    if (!isObject(found)) {
      this.refuse(key, 'must be an object');
      return {};
    }
    const texts: Record<string, string> = {};
    for (const [one, text] of Object.entries(found)) {
      if (!name.pattern.test(one)) this.refuse(key, `a name in it ${name.rule}`);
      else if (typeof text !== 'string' || !value.pattern.test(text)) this.refuse(`${key}.${one}`, value.rule);
      else texts[one] = text;
    }
    return texts;
  }

  text(key: string, form: Form): string {
    const value = this.#take(key);
    if (typeof value === 'string' && form.pattern.test(value)) return value;
    this.refuse(key, form.rule);
    return '';
  }

  optionalText(key: string, form: Form): string | undefined {
    return this.has(key) ? this.text(key, form) : this.#none(key);
  }

  choice<const T extends string>(key: string, choices: readonly T[]): T {
    const value = this.#take(key);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.refuse(key, `must be one of ${choices.map((choice) => `"${choice}"`).join(', ')}`);
    return found ?? (choices[0] as T);
  }

  integer(key: string, least: number, most: number): number {
    const value = this.#take(key);
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.refuse(key, `must be a whole number from ${least} to ${most}`);
    return least;
  }

  boolean(key: string): boolean {
    const value = this.#take(key);
    if (typeof value !== 'boolean') this.refuse(key, 'must be true or false');
    return value === true;
  }

  list(key: string, form: Form, least: number, most: number): string[] {
    const value = this.#take(key);
    const texts = Array.isArray(value) ? value.filter((item) => typeof item === 'string' && form.pattern.test(item)) : [];
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      this.refuse(key, `must be a list of ${least} to ${most} texts`);
    } else if (texts.length < value.length) {
      this.refuse(key, `each ${form.rule}`);
    } else if (new Set(texts).size < texts.length) {
      this.refuse(key, 'must name nothing twice');
    }
    return texts;
  }

  /** Refuses what nobody asked for: an unknown key is a misspelt one. */
  finish(): void {
    for (const key of Object.keys(this.#object)) {
      if (!this.#asked.has(key)) this.refuse(key, 'is not a known key');
    }
    for (const inner of this.#inner) inner.finish();
  }

  #take(key: string): unknown {
    this.#asked.add(key);
    return this.#object[key];
  }

  #none(key: string): undefined {
    this.#asked.add(key);
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
