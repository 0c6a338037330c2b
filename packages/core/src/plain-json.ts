import type { EventIssue } from './errors.ts';
import { containRejection, isThenable } from './within.ts';

/** A value that JSON says as it is. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// Deeper than any sensible event, and far from the end of the stack.
export const MAX_DEPTH = 64;
/** More of what is wrong with one event nobody reads. */
export const MAX_ISSUES = 20;

/**
 * Copies `value` into plain JSON, so that nothing the caller does later changes it. What JSON would distort or
 * refuse becomes an issue with its path. Never throws, whatever getters, proxies and `toJSON` methods do.
 *
 * Dates become ISO 8601 strings, `undefined` vanishes (and is `null` in a list, as in `JSON.stringify`), objects
 * with `toJSON` are asked for it.
 */
export function toPlainJson(value: unknown, path: string, options: PlainJsonOptions): Json | undefined {
  return new PlainCopy(path, options).copy(value, 0);
}

export interface PlainJsonOptions {
  /** Takes what is wrong. */
  readonly issues: EventIssue[];
  /** Characters after which the copy is given up. */
  readonly maxSize: number;
  /** Entries that are left out, unread. */
  readonly omit?: (key: string, place: Place) => boolean;
}

/** An object inside the value that is copied. */
export interface Place {
  /** 0 for the value itself. */
  readonly depth: number;
  pathOf(key: string): string;
}

class PlainCopy implements Place {
  readonly #root: string;
  readonly #issues: EventIssue[];
  readonly #omit: PlainJsonOptions['omit'];
  readonly #ancestors: object[] = [];
  /** The way to what is being copied. It becomes a path only for an issue. */
  readonly #keys: (string | number)[] = [];
  #room: number;

  constructor(root: string, { issues, maxSize, omit }: PlainJsonOptions) {
    this.#root = root;
    this.#issues = issues;
    this.#omit = omit;
    this.#room = maxSize;
  }

  get depth(): number {
    return this.#keys.length;
  }

  pathOf(key: string): string {
    return keyPath(this.#path(), key);
  }

  copy(value: unknown, depth: number): Json | undefined {
    // A small object can unfold into a huge document, so the copy itself is bounded.
    if (this.#room < 0 || this.#issues.length >= MAX_ISSUES) return undefined;
    switch (typeof value) {
      case 'string':
        this.#spend(value.length + 2);
        return value;
      case 'boolean':
        this.#spend(4);
        return value;
      case 'number':
        if (!Number.isFinite(value)) return this.#refuse(`${value} can not be sent as JSON`);
        this.#spend(1);
        // JSON has no negative zero.
        return value === 0 ? 0 : value;
      case 'undefined':
        return undefined;
      case 'object':
        if (value !== null) return this.#readable(value, depth);
        this.#spend(4);
        return null;
      case 'bigint':
        return this.#refuse('a bigint can not be sent as JSON; convert it to a string or a number');
      default:
        return this.#refuse(`a ${typeof value} can not be sent as JSON`);
    }
  }

  #readable(value: object, depth: number): Json | undefined {
    const [keys, ancestors] = [this.#keys.length, this.#ancestors.length];
    try {
      return this.#object(value, depth);
    } catch (thrown) {
      this.#keys.length = keys;
      this.#ancestors.length = ancestors;
      return this.#refuse(`could not be read: ${safeMessage(thrown)}`);
    }
  }

  #object(value: object, depth: number): Json | undefined {
    if (depth >= MAX_DEPTH) return this.#refuse(`nested deeper than ${MAX_DEPTH} levels`);
    if (this.#ancestors.includes(value)) return this.#refuse('a cycle: it contains itself');
    // A Buffer's toJSON would unfold every byte of an upload.
    if (ArrayBuffer.isView(value))
      return this.#refuse(`binary data (${className(value)}); encode it as text`);
    if (value instanceof Date && Number.isNaN(value.getTime())) return this.#refuse('an invalid Date');
    this.#ancestors.push(value);
    const copy = this.#members(value, depth);
    this.#ancestors.pop();
    return copy;
  }

  #members(value: object, depth: number): Json | undefined {
    if (hasToJson(value)) return this.#withToJson(value, depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    if (isPlainObject(value)) return this.#entries(value, depth);
    if (isThenable(value)) {
      // Nobody else waits for it now, and its rejection would end the process.
      containRejection(value, () => undefined);
      return this.#refuse('a promise; await it first');
    }
    return this.#refuse(`an instance of ${className(value)} without toJSON; pass a plain object`);
  }

  #withToJson(value: { toJSON(key: string): unknown }, depth: number): Json | undefined {
    const json = value.toJSON('');
    // A toJSON that answers with its own object would be asked for ever.
    if (json === value && !Array.isArray(json)) {
      return isPlainObject(value) ? this.#entries(value, depth) : this.#refuse('its toJSON returns itself');
    }
    return this.copy(json, depth + 1);
  }

  #list(list: readonly unknown[], depth: number): Json[] {
    this.#spend(2);
    const copy: Json[] = [];
    for (let index = 0; index < list.length && this.#room >= 0; index++) {
      this.#spend(1);
      // What is missing is written as null, however long a list of nothing is.
      copy.push(this.#below(index, list[index] ?? null, depth) ?? null);
    }
    return copy;
  }

  #entries(object: object, depth: number): Record<string, Json> {
    this.#spend(2);
    const copy: Record<string, Json> = {};
    for (const key of Object.keys(object)) {
      if (this.#room < 0) break;
      if (this.#omit?.(key, this)) continue;
      const entry = this.#below(key, (object as Record<string, unknown>)[key], depth);
      if (entry === undefined) continue;
      this.#spend(key.length + 4);
      setEntry(copy, key, entry);
    }
    return copy;
  }

  #below(key: string | number, value: unknown, depth: number): Json | undefined {
    this.#keys.push(key);
    const copy = this.copy(value, depth + 1);
    this.#keys.pop();
    return copy;
  }

  #spend(size: number): void {
    if (this.#room < 0) return;
    this.#room -= size;
    if (this.#room < 0) this.#refuse('larger than an event may be (see maxPayloadBytes)');
  }

  #refuse(message: string): undefined {
    if (this.#issues.length < MAX_ISSUES) this.#issues.push({ path: this.#path(), message });
    return undefined;
  }

  #path(): string {
    return this.#keys.reduce<string>(
      (path, key) => (typeof key === 'number' ? `${path}[${key}]` : keyPath(path, key)),
      this.#root,
    );
  }
}

/** Plain assignment of a key named `__proto__` would set the prototype instead. */
export function setEntry(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Whether `value` is `{…}` or has no prototype, also when it comes from another realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: unknown } | null;
  const made = prototype?.constructor;
  return (typeof made === 'function' && made.name) || 'a class';
}

/** The path of an entry, as an issue has it. */
export function keyPath(path: string, key: string): string {
  const short = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  return /^[A-Za-z_$][\w$]*$/.test(short) ? `${path}.${short}` : `${path}[${JSON.stringify(short)}]`;
}

function safeMessage(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message).slice(0, 200) : 'it threw';
  } catch {
    return 'it threw';
  }
}
